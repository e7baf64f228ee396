/// Where a side runs, as it tells its peer in a word: the number of the processor plus one, or zero, and above these 32 bits
/// whether it sleeps and will be woken elsewhere. A hint: a peer that lies costs time, and no more than one that sleeps.
package struct RingPlace: Sendable, Hashable {
  private static let leaving: UInt64 = 1 << 32

  /// The number of the processor; -1 if it is not known.
  package var processor: Int32
  /// It sleeps and will be woken on another.
  package var isLeaving = false

  package init(processor: Int32, isLeaving: Bool = false) {
    self.processor = processor
    self.isLeaving = isLeaving
  }

  init(word: UInt64) {
    self.init(processor: Int32(truncatingIfNeeded: word) &- 1, isLeaving: word & Self.leaving != 0)
  }

  var word: UInt64 { UInt64(UInt32(bitPattern: processor &+ 1)) | (isLeaving ? Self.leaving : 0) }
}
