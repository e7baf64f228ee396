import Synchronization

/// The words and bytes of a side's ring memory, at the address where they are mapped here.
///
/// Unsafe pointers stay inside: an offset is one of `RingLayout`'s, and a place one of `RingGeometry`'s, which are within
/// the mapping for every index there is. The mapping lives as long as this does.
@safe
struct RingWords: @unchecked Sendable {
  // The addresses never change; what is behind them is either atomic or handed over by an atomic index.
  let base: UnsafeMutableRawPointer
  let mapping: SegmentMapping

  init(_ mapping: SegmentMapping) {
    let base = unsafe mapping.withBytes(offset: 0, length: mapping.size) { $0.baseAddress }
    guard let base = unsafe base else { preconditionFailure("a mapping has no address") }
    // A mapping for reading is never stored to: ends store to the words of their own side only.
    unsafe self.base = UnsafeMutableRawPointer(mutating: base)
    self.mapping = mapping
  }

  @inline(__always)
  func loadRelaxed(_ offset: Int) -> UInt64 { unsafe word(offset).pointee.load(ordering: .relaxed) }

  @inline(__always)
  func loadAcquiring(_ offset: Int) -> UInt64 { unsafe word(offset).pointee.load(ordering: .acquiring) }

  @inline(__always)
  func loadSequentially(_ offset: Int) -> UInt64 {
    unsafe word(offset).pointee.load(ordering: .sequentiallyConsistent)
  }

  @inline(__always)
  func storeSequentially(_ value: UInt64, _ offset: Int) {
    unsafe word(offset).pointee.store(value, ordering: .sequentiallyConsistent)
  }

  @inline(__always)
  func storeRelaxed(_ value: UInt64, _ offset: Int) {
    unsafe word(offset).pointee.store(value, ordering: .relaxed)
  }

  /// The word's address, for the kernel: its lower half, which is what a futex is.
  @inline(__always)
  func address(_ offset: Int) -> UnsafeRawPointer { unsafe UnsafeRawPointer(base + offset) }

  /// Where a place of the ring is.
  @inline(__always)
  func bytes(_ place: Int) -> UnsafeMutableRawPointer { unsafe base + RingLayout.bytes + place }

  /// The length at a frame's place, read once and only once: the peer may change it.
  @inline(__always)
  func lengthWord(_ place: Int) -> UInt32 {
    // A place is a multiple of 8, so the word is aligned.
    unsafe bytes(place).assumingMemoryBound(to: Atomic<UInt32>.self).pointee.load(ordering: .relaxed)
  }

  @inline(__always)
  private func word(_ offset: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
    // Every offset of `RingLayout` is a multiple of 8 within the first page.
    unsafe (base + offset).assumingMemoryBound(to: Atomic<UInt64>.self)
  }
}
