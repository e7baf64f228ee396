/// A writer's view of its ring: `freed ≤ published ≤ staged ≤ freed + capacity`, as differences, since an index may wrap.
struct RingWriteIndexes: Hashable {
  let geometry: RingGeometry
  /// Where the next frame goes.
  private(set) var staged: UInt64
  /// What the reader may see.
  private(set) var published: UInt64
  /// What the reader has given back, as far as it was believed.
  private(set) var freed: UInt64

  init(geometry: RingGeometry, start: UInt64 = 0) {
    self.geometry = geometry
    staged = start
    published = start
    freed = start
  }

  /// Takes the place of the next frame, if there is room as far as is known; `peerFreed` may find more.
  mutating func stage(length: Int) -> UInt64? {
    let stride = geometry.stride(length)
    guard staged &- freed + stride <= geometry.capacity else { return nil }
    defer { staged &+= stride }
    return staged
  }

  /// The index to publish, or nil when nothing is new.
  mutating func publish() -> UInt64? {
    guard staged != published else { return nil }
    published = staged
    return published
  }

  /// The reader's index was read from its memory.
  mutating func peerFreed(_ index: UInt64) throws(RingFault) {
    guard RingGeometry.isAligned(index), index &- freed <= published &- freed else {
      throw .readIndex(index, freed: freed, published: published)
    }
    freed = index
  }
}
