/// What the ledger knows of one segment.
struct Segment: Sendable, Hashable {
  /// granted -> current -> left -> retired -> current (recycled) ...; any -> orphaned when the owner goes.
  enum Phase: Sendable, Hashable {
    /// On its way to the owner, not mapped and sealed yet. It holds no objects.
    case granted
    /// The owner writes into it.
    case current
    /// The owner has moved on, but its running attempt may still hold loans here.
    case left
    /// The owner will write into it again only after a `recycle`.
    case retired
    /// The owner is gone.
    case orphaned
  }

  let id: UInt32
  let size: Int
  let owner: SegmentOwner
  /// Holds one object, and goes with it.
  let isLarge: Bool
  var phase: Phase
  /// Where the object ends that lies furthest. From one attempt to the next writers only go forward, so that a new object
  /// begins here or later, or in one of the gaps.
  var end = 0
  /// Ranges before `end`, in their order, that the running attempt has lent before what lies behind them and may still
  /// fill: a function that publishes immediately hands its objects over in any order.
  var gaps: [Range<Int>] = []
  var liveObjects = 0
  /// Who has it mapped for reading. The owner needs no such mapping.
  var readers: Set<UInt32> = []

  /// Whether an object may lie there: behind all others, or inside a gap.
  func isFree(_ range: Range<Int>) -> Bool {
    if range.lowerBound >= end { return true }
    let gap = gaps[indexOfGap(at: range.lowerBound)...].first
    return gap.map { $0.lowerBound <= range.lowerBound && range.upperBound <= $0.upperBound } ?? false
  }

  /// Enters an object at a range that is free. What it skips is a gap if an object can begin there.
  mutating func occupy(_ range: Range<Int>) {
    liveObjects += 1
    if range.lowerBound >= end {
      if let gap = Self.gap(end, range.lowerBound) { gaps.append(gap) }
      end = range.upperBound
    } else {
      let index = indexOfGap(at: range.lowerBound)
      // Objects of one commit may lie in what was too small to stay a gap when the first of them came in.
      guard index < gaps.count, gaps[index].lowerBound <= range.lowerBound else { return }
      let gap = gaps[index]
      let rest = [Self.gap(gap.lowerBound, range.lowerBound), Self.gap(range.upperBound, gap.upperBound)]
      gaps.replaceSubrange(index...index, with: rest.compactMap { $0 })
    }
  }

  /// Objects begin at cache lines.
  static func aligned(_ offset: Int) -> Int { (offset + 63) & ~63 }

  private static func gap(_ start: Int, _ end: Int) -> Range<Int>? { aligned(start) < end ? start..<end : nil }

  /// The first gap that ends behind the offset; the number of gaps if there is none.
  private func indexOfGap(at offset: Int) -> Int {
    var (low, high) = (0, gaps.count)
    while low < high {
      let middle = (low + high) / 2
      if gaps[middle].upperBound <= offset { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
