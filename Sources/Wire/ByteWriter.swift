/// Appends the fields of a frame: little-endian integers, and strings and byte lists behind their length.
package struct ByteWriter: Sendable {
  package private(set) var bytes: [UInt8] = []

  /// Most frames are shorter than this, and so take memory once.
  package init(capacity: Int = 240) { bytes.reserveCapacity(capacity) }

  @inline(__always)
  package mutating func write<Value: FixedWidthInteger>(_ value: Value) {
    // The bytes of a variable, appended at once.
    unsafe withUnsafeBytes(of: value.littleEndian) { unsafe bytes.append(contentsOf: $0) }
  }

  /// Replaces the beginning by a number that was not known before.
  mutating func overwrite(with value: UInt32) {
    for index in 0..<4 { bytes[index] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(index))) }
  }

  package mutating func write(_ flag: Bool) { bytes.append(flag ? 1 : 0) }

  package mutating func write(_ text: String) {
    write(UInt32(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  package mutating func write(_ data: [UInt8]) {
    write(UInt32(data.count))
    bytes.append(contentsOf: data)
  }

  package mutating func write<Value>(_ value: Value?, _ body: (inout ByteWriter, Value) -> Void) {
    write(value != nil)
    if let value { body(&self, value) }
  }

  package mutating func write<Element>(_ list: [Element], _ body: (inout ByteWriter, Element) -> Void) {
    write(UInt32(list.count))
    for element in list { body(&self, element) }
  }

  package mutating func write(_ text: String?) { write(text) { $0.write($1) } }
  package mutating func write(_ list: [String]) { write(list) { $0.write($1) } }
}
