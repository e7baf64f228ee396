/// Where the bytes of an object lie: a range of a shared segment.
package struct ObjectLocation: Sendable, Hashable {
  package var segment: UInt32
  package var offset: UInt64
  package var length: UInt64

  package init(segment: UInt32, offset: UInt64, length: UInt64) {
    self.segment = segment
    self.offset = offset
    self.length = length
  }

  func write(to writer: inout ByteWriter) {
    writer.write(segment)
    writer.write(offset)
    writer.write(length)
  }

  init(from reader: inout ByteReader) throws(WireError) {
    self.init(segment: try reader.integer(), offset: try reader.integer(), length: try reader.integer())
  }
}
