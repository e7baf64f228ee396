/// A reader's view of its peer's ring: `freed ≤ consumed ≤ published ≤ freed + capacity`, as differences, since an index
/// may wrap.
struct RingReadIndexes: Hashable {
  let geometry: RingGeometry
  /// Where the next frame begins.
  private(set) var consumed: UInt64
  /// How far the peer has published, as far as it was believed.
  private(set) var published: UInt64
  /// What was given back to the peer.
  private(set) var freed: UInt64

  init(geometry: RingGeometry, start: UInt64 = 0) {
    self.geometry = geometry
    consumed = start
    published = start
    freed = start
  }

  var isEmpty: Bool { consumed == published }

  /// The writer's index was read from its memory.
  mutating func peerPublished(_ index: UInt64) throws(RingFault) {
    // From what was given back: a writer that keeps to the rules never overtakes that by more than the capacity.
    guard RingGeometry.isAligned(index), index &- freed <= geometry.capacity, index &- freed >= published &- freed
    else {
      throw .writeIndex(index, consumed: consumed, published: published)
    }
    published = index
  }

  /// Judges the length that the next frame says it has, in a private copy. Not for an empty ring.
  func length(_ word: UInt32) throws(RingFault) -> Int {
    let rest = published &- consumed
    guard word <= geometry.largestFrame, geometry.stride(Int(word)) <= rest else {
      throw .length(word, published: rest)
    }
    return Int(word)
  }

  /// The next frame was copied.
  mutating func consume(length: Int) { consumed &+= geometry.stride(length) }

  /// The index to give back, or nil while that is less than a quarter of the ring: a store that the peer has to fetch is
  /// made once for many frames. See `RingGeometry.largestFrame` for why nobody waits for what is held back.
  mutating func free() -> UInt64? {
    guard consumed &- freed >= geometry.capacity / 4 else { return nil }
    freed = consumed
    return freed
  }
}
