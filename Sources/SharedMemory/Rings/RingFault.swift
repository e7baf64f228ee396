/// What a peer has done to a ring that no peer that keeps to the rules can do. Whoever sees one ends the connection.
package enum RingFault: Error, Hashable, CustomStringConvertible {
  /// The writer's index is further ahead of what was read than the ring is long, has gone back, or lies within a frame.
  case writeIndex(UInt64, consumed: UInt64, published: UInt64)
  /// The reader's index is ahead of what was written, has gone back, or lies within a frame.
  case readIndex(UInt64, freed: UInt64, published: UInt64)
  /// A frame says that it is longer than the largest one, or than what was published.
  case length(UInt32, published: UInt64)

  package var description: String {
    switch self {
    case .writeIndex(let index, let consumed, let published):
      "the peer's write index \(index) is impossible after \(published) with \(consumed) read; end the connection"
    case .readIndex(let index, let freed, let published):
      "the peer's read index \(index) is impossible after \(freed) with \(published) written; end the connection"
    case .length(let length, let published):
      "the peer's frame of \(length) bytes is impossible with \(published) published; end the connection"
    }
  }
}
