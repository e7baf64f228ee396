package import Dataflow

/// Appends the fields of a frame: little-endian integers, and strings and byte lists behind their length.
package struct ByteWriter: Sendable {
  /// What is written, and room behind it.
  private var buffer: [UInt8]
  package private(set) var count = 0
  private static let keptCapacity = 64 << 10

  /// Most frames are shorter than this, and so take memory once.
  package init(capacity: Int = 240) { buffer = [UInt8](repeating: 0, count: capacity) }

  /// All that was written.
  package var bytes: [UInt8] { Array(buffer[..<count]) }

  /// All that was written, where it lies.
  package func withBytes<Result>(_ body: (Span<UInt8>) throws -> Result) rethrows -> Result {
    try body(buffer.span.extracting(..<count))
  }

  /// Forgets what was written. The memory is used again, unless one large frame took it.
  package mutating func clear() {
    if buffer.count > Self.keptCapacity { self = ByteWriter() }
    count = 0
  }

  /// All that was written, not copied.
  consuming func finish() -> [UInt8] {
    buffer.removeLast(buffer.count - count)
    return buffer
  }

  @inline(__always)
  package mutating func write<Value: FixedWidthInteger>(_ value: Value) {
    let place = extend(by: MemoryLayout<Value>.size)
    // There is so much room.
    unsafe buffer.withUnsafeMutableBytes {
      unsafe $0.storeBytes(of: value.littleEndian, toByteOffset: place, as: Value.self)
    }
  }

  /// Replaces the beginning, which was written as zero, by how many bytes follow it.
  mutating func writeLength() {
    let length = UInt32(count - 4)
    for index in 0..<4 { buffer[index] = UInt8(truncatingIfNeeded: length >> (8 * UInt32(index))) }
  }

  package mutating func write(_ flag: Bool) { write(flag ? 1 : 0 as UInt8) }

  package mutating func write(_ text: String) {
    var text = text
    // Its bytes, where they are.
    text.withUTF8 { unsafe append(UnsafeRawBufferPointer($0)) }
  }

  /// A label's text.
  package mutating func write(_ label: Label) {
    switch label.form {
    case .text(let text): write(text)
    case .made(let digest, let count):
      write(UInt32(label.byteCount))
      for quarter in 0..<4 { write(digest.digits(quarter)) }
      guard count > 0 else { return }
      let digits = DecimalDigits(count)
      write(UInt8(ascii: "-"))
      for index in 0..<digits.count { write(digits[index]) }
    }
  }

  package mutating func write(_ data: [UInt8]) {
    // Its bytes, where they are.
    unsafe data.withUnsafeBytes { unsafe append($0) }
  }

  @inline(__always)
  package mutating func write<Value>(_ value: Value?, _ body: (inout ByteWriter, Value) -> Void) {
    write(value != nil)
    if let value { body(&self, value) }
  }

  @inline(__always)
  package mutating func write<Element>(_ list: [Element], _ body: (inout ByteWriter, Element) -> Void) {
    write(UInt32(list.count))
    for element in list { body(&self, element) }
  }

  package mutating func write(_ text: String?) { write(text) { $0.write($1) } }
  package mutating func write(_ list: [String]) { write(list) { $0.write($1) } }

  /// The length, then the bytes.
  private mutating func append(_ bytes: UnsafeRawBufferPointer) {
    write(UInt32(bytes.count))
    let place = extend(by: bytes.count)
    // There is so much room.
    unsafe buffer.withUnsafeMutableBytes { buffer in
      unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[place...]).copyMemory(from: bytes)
    }
  }

  /// Makes room for so many bytes, and answers where they go.
  @inline(__always)
  private mutating func extend(by size: Int) -> Int {
    let place = count
    count += size
    if count > buffer.count { grow() }
    return place
  }

  private mutating func grow() {
    var larger = [UInt8](repeating: 0, count: max(count, 2 * buffer.count))
    // All of it fits.
    unsafe larger.withUnsafeMutableBytes { target in
      unsafe buffer.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
    }
    buffer = larger
  }
}
