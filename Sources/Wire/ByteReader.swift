package import Dataflow

/// Takes the fields of a frame apart. Every length is checked against what is left, so that no sender can make
/// the reader go beyond the frame or reserve more memory than the frame's own size allows.
package struct ByteReader: Sendable {
  private let bytes: [UInt8]
  private var position: Int
  private let end: Int

  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
    position = 0
    end = bytes.count
  }

  package var remaining: Int { end - position }

  package mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) throws(WireError) -> Value {
    let size = MemoryLayout<Value>.size
    guard remaining >= size else { throw .truncated("an integer") }
    defer { position += size }
    // As many bytes were found to be there.
    return unsafe bytes.withUnsafeBytes { buffer in
      Value(littleEndian: unsafe buffer.loadUnaligned(fromByteOffset: position, as: Value.self))
    }
  }

  package mutating func flag() throws(WireError) -> Bool {
    switch try integer(UInt8.self) {
    case 0: return false
    case 1: return true
    case let other: throw WireError("\(other) is no flag")
    }
  }

  package mutating func string() throws(WireError) -> String { try text(in: try take("a string")) }

  /// A string that names a firing or an object.
  package mutating func label() throws(WireError) -> Label {
    let range = try take("a string")
    if let made = Label(made: bytes.span.extracting(range)) { return made }
    return Label(try text(in: range))
  }

  private func text(in range: Range<Int>) throws(WireError) -> String {
    // The range was found to lie within the bytes.
    let text = unsafe bytes.withUnsafeBufferPointer { buffer -> String? in
      let field = unsafe UnsafeBufferPointer(rebasing: buffer[range])
      // Nearly all text is ASCII, which needs no other check.
      guard unsafe Self.isASCII(field.span) else { return unsafe String(validating: field, as: UTF8.self) }
      return unsafe String(unsafeUninitializedCapacity: field.count) { unsafe $0.initialize(fromContentsOf: field) }
    }
    guard let text else { throw WireError("a string is not UTF-8") }
    return text
  }

  package mutating func data() throws(WireError) -> [UInt8] { Array(bytes[try take("a byte list")]) }

  @inline(__always)
  package mutating func optional<Value>(
    _ body: (inout ByteReader) throws(WireError) -> Value
  ) throws(WireError) -> Value? {
    try flag() ? try body(&self) : nil
  }

  @inline(__always)
  package mutating func list<Element>(
    _ body: (inout ByteReader) throws(WireError) -> Element
  ) throws(WireError) -> [Element] {
    let count = Int(try integer(UInt32.self))
    // An element takes at least one byte, so a larger count is a lie.
    guard count <= remaining else { throw .truncated("a list of \(count)") }
    // Most lists are empty: no memory for those.
    guard count > 0 else { return [] }
    var elements: [Element] = []
    elements.reserveCapacity(min(count, 1024))
    for _ in 0..<count { elements.append(try body(&self)) }
    return elements
  }

  package mutating func optionalString() throws(WireError) -> String? {
    try optional { (reader) throws(WireError) in try reader.string() }
  }

  package mutating func strings() throws(WireError) -> [String] {
    try list { (reader) throws(WireError) in try reader.string() }
  }

  /// Reads a field that was added to the end of a frame. A frame of a release before that ends here.
  @inline(__always)
  package mutating func added<Value>(
    otherwise value: Value, _ body: (inout ByteReader) throws(WireError) -> Value
  ) throws(WireError) -> Value {
    remaining == 0 ? value : try body(&self)
  }

  /// A number that was added to the end of a frame, and is zero in one of a release before.
  package mutating func addedNumber() throws(WireError) -> UInt64 {
    try added(otherwise: 0) { (reader) throws(WireError) in try reader.integer() }
  }

  private mutating func take(_ what: StaticString) throws(WireError) -> Range<Int> {
    let count = Int(try integer(UInt32.self))
    guard count <= remaining else { throw .truncated("\(what)") }
    defer { position += count }
    return position..<position + count
  }

  private static func isASCII(_ bytes: Span<UInt8>) -> Bool {
    var bits: UInt8 = 0
    for index in bytes.indices { bits |= bytes[index] }
    return bits < 0x80
  }
}
