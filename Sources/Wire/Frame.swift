/// A message that travels as one frame: its length (`UInt32`, of all that follows), a kind (`UInt8`), and its fields.
/// All integers are little-endian. A frame is copied to private memory as a whole before any of it is read.
///
/// `ProtocolVersion` says how frames and fields are added.
package protocol Frame: Sendable {
  /// The most bytes that a frame of this direction may have after its length.
  static var sizeLimit: Int { get }

  /// Writes the kind and the fields.
  func write(to writer: inout ByteWriter)

  /// Reads the fields of a frame of the given kind.
  init(kind: UInt8, from reader: inout ByteReader) throws(WireError)
}

extension Frame {
  /// The kind and the fields, as they travel in a ring, which knows the length by itself.
  package func body() -> [UInt8] {
    var writer = ByteWriter()
    write(to: &writer)
    return writer.finish()
  }

  /// Writes the same in place of all that the writer had, for one who sends many.
  package func replace(contentsOf writer: inout ByteWriter) {
    writer.clear()
    write(to: &writer)
  }

  /// The frame as it travels in a stream, its length first.
  package func encoded() -> [UInt8] {
    var writer = ByteWriter()
    writer.write(UInt32(0))
    write(to: &writer)
    writer.writeLength()
    return writer.finish()
  }

  /// Reads a frame from the bytes behind its length.
  package init(decoding body: [UInt8]) throws(WireError) {
    var reader = ByteReader(body)
    let kind = try reader.integer(UInt8.self)
    // What is left over are fields of a later release: see `ProtocolVersion`.
    try self.init(kind: kind, from: &reader)
  }
}
