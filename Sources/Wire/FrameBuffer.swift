/// Collects what a stream delivers and cuts it into the bodies of frames. Holds at most one unfinished frame
/// and whatever came behind it in the same read.
package struct FrameBuffer: Sendable {
  private static let keptCapacity = 1 << 20

  private var bytes: [UInt8] = []
  private var start = 0
  /// The most bytes that a frame may have after its length.
  package var sizeLimit: Int

  package init(sizeLimit: Int) { self.sizeLimit = sizeLimit }

  package mutating func append(_ chunk: some Sequence<UInt8>) {
    if start == bytes.count, bytes.capacity > Self.keptCapacity {
      // What one large frame took is not kept for the small ones behind it.
      bytes = []
    } else {
      bytes.removeFirst(start)
    }
    start = 0
    bytes.append(contentsOf: chunk)
  }

  /// What is held of a frame that is not whole yet.
  package var heldBytes: Int { bytes.count - start }

  /// The next whole body, or nil until more has come.
  package mutating func next() throws(WireError) -> [UInt8]? {
    guard bytes.count - start >= 4 else { return nil }
    var length = 0
    for index in 0..<4 { length |= Int(bytes[start + index]) << (8 * index) }
    guard length >= 1 else { throw WireError("a frame without a kind") }
    guard length <= sizeLimit else { throw WireError("a frame of \(length) bytes; the limit is \(sizeLimit)") }
    guard bytes.count - start - 4 >= length else { return nil }
    if length > Self.keptCapacity, bytes.count == start + 4 + length {
      // Alone, as large frames mostly are: it is handed out where it lies.
      defer { (bytes, start) = ([], 0) }
      bytes.removeFirst(start + 4)
      return bytes
    }
    let body = Array(bytes[(start + 4)..<(start + 4 + length)])
    start += 4 + length
    return body
  }
}
