/// How frames lie in a ring of a given capacity.
///
/// A frame is its length in 4 bytes and its bytes, and takes a multiple of 8. An index counts all bytes since the
/// beginning; its place is the index modulo the capacity. A frame that reaches the end goes on at the beginning. So
/// there is no filler that a peer could lie about, and as indexes are multiples of 8 a length is never in two pieces.
struct RingGeometry: Hashable {
  /// A power of two from 16 on.
  let capacity: UInt64

  static let lengthSize: UInt64 = 4
  static let alignment: UInt64 = 8

  /// The most bytes of a frame, its length not counted. A frame takes at most half of the ring: the reader frees as soon
  /// as a quarter is read, so whoever writes to a ring that was read to the end always finds room, and the reader never
  /// has to free anything before it sleeps.
  var largestFrame: Int { Int(capacity / 2 - Self.lengthSize) }

  /// How many bytes a frame of `length` bytes takes.
  func stride(_ length: Int) -> UInt64 {
    (UInt64(length) + Self.lengthSize + Self.alignment - 1) & ~(Self.alignment - 1)
  }

  /// Where an index is in the ring.
  func place(_ index: UInt64) -> Int { Int(index & (capacity - 1)) }

  /// The place of `count` bytes at an index, and how many of them fit before the end of the ring; the others are at its
  /// beginning.
  func pieces(at index: UInt64, count: Int) -> (place: Int, first: Int) {
    let place = place(index)
    return (place, min(count, Int(capacity) - place))
  }

  static func isAligned(_ index: UInt64) -> Bool { index & (alignment - 1) == 0 }
}
