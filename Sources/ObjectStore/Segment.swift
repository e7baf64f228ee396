/// What the ledger knows of one segment.
struct Segment: Sendable, Hashable {
  /// granted -> current -> left -> retired -> current (recycled, all of it or what is free) ...; any -> orphaned when the
  /// owner goes.
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
  /// Where the object ends that lies furthest of those written since the segment was granted or recycled. From one
  /// attempt to the next writers only go forward, so that a new object begins here or later, or in one of the gaps.
  var end = 0
  /// Ranges before `end`, in their order, that the running attempt has lent before what lies behind them and may still
  /// fill: a function that publishes immediately hands its objects over in any order.
  var gaps: [Range<Int>] = []
  /// The only ranges that the owner may write into, in their order, since objects lie between them; empty when all that
  /// lies behind `end` is free.
  var ranges: [Range<Int>] = []
  var liveObjects = 0
  /// How many bytes the objects take, in whole cache lines.
  var liveBytes = 0
  /// No free range is larger, as far as is known. A look at all objects finds it out, and releases make it grow.
  var largestFree: Int
  /// Who has it mapped for reading. The owner needs no such mapping.
  var readers: Set<UInt32> = []

  init(id: UInt32, size: Int, owner: SegmentOwner, isLarge: Bool, phase: Phase) {
    self.id = id
    self.size = size
    self.owner = owner
    self.isLarge = isLarge
    self.phase = phase
    largestFree = size
  }

  /// Where the next object goes.
  var next: Int { Self.aligned(end) }
  func hasRoom(for bytes: Int) -> Bool { next + bytes <= size }

  /// It serves no purpose any more, unless its owner wants one that is warm.
  var isUnused: Bool { liveObjects == 0 && (phase == .orphaned || phase == .retired) }
  /// What could be taken back of what the owner writes into, while it runs nothing.
  var emptyBytes: Int { phase == .current && liveObjects == 0 ? size : 0 }
  /// Its phase, if the end of an attempt of the owner's changes anything.
  var phaseToEnd: Phase? { gaps.isEmpty && phase != .left ? nil : phase }

  /// Whether an object may lie there: behind all others, or inside a gap.
  func isFree(_ range: Range<Int>) -> Bool {
    if range.lowerBound < end { return Self.holds(gaps, range) }
    return ranges.isEmpty || Self.holds(ranges, range)
  }

  /// Where the next object of so many bytes goes that lies behind all others, if there is room for it.
  func place(of bytes: Int) -> Int? {
    let start = Self.aligned(end)
    guard !ranges.isEmpty else { return start + bytes <= size ? start : nil }
    for range in ranges[Self.index(in: ranges, at: start)...] {
      let offset = max(start, range.lowerBound)
      if offset + bytes <= range.upperBound { return offset }
    }
    return nil
  }

  /// Enters an object at a range that is free. What it skips is a gap if an object can begin there.
  mutating func occupy(_ range: Range<Int>) {
    liveObjects += 1
    liveBytes += Self.aligned(range.count)
    if range.lowerBound >= end {
      skip(to: range.lowerBound)
      end = range.upperBound
    } else {
      let index = Self.index(in: gaps, at: range.lowerBound)
      // Objects of one commit may lie in what was too small to stay a gap when the first of them came in.
      guard index < gaps.count, gaps[index].lowerBound <= range.lowerBound else { return }
      let gap = gaps[index]
      let rest = [Self.gap(gap.lowerBound, range.lowerBound), Self.gap(range.upperBound, gap.upperBound)]
      gaps.replaceSubrange(index...index, with: rest.compactMap { $0 })
    }
  }

  /// An object of so many bytes is gone. Its range is free only once the owner is told so.
  mutating func vacate(_ length: Int) {
    liveObjects -= 1
    liveBytes -= Self.aligned(length)
    // It may have lain between two free ranges.
    largestFree = min(size, 2 * largestFree + Self.aligned(length))
  }

  /// The owner may write into these ranges, or into all of the segment.
  mutating func open(_ ranges: [Range<Int>] = []) {
    (self.ranges, gaps, end) = (ranges, [], 0)
    largestFree = size
  }

  /// Objects begin at cache lines.
  static func aligned(_ offset: Int) -> Int { (offset + 63) & ~63 }

  private static func gap(_ start: Int, _ end: Int) -> Range<Int>? { aligned(start) < end ? start..<end : nil }

  /// What is free between `end` and an offset becomes gaps.
  private mutating func skip(to offset: Int) {
    guard !ranges.isEmpty else {
      if let gap = Self.gap(end, offset) { gaps.append(gap) }
      return
    }
    for range in ranges[Self.index(in: ranges, at: end)...] {
      guard range.lowerBound < offset else { return }
      if let gap = Self.gap(max(end, range.lowerBound), min(offset, range.upperBound)) { gaps.append(gap) }
    }
  }

  /// Whether one of the ranges, which are in their order, has all of another.
  private static func holds(_ ranges: [Range<Int>], _ range: Range<Int>) -> Bool {
    let first = ranges[index(in: ranges, at: range.lowerBound)...].first
    return first.map { $0.lowerBound <= range.lowerBound && range.upperBound <= $0.upperBound } ?? false
  }

  /// The first range that ends behind the offset; the number of ranges if there is none.
  private static func index(in ranges: [Range<Int>], at offset: Int) -> Int {
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound <= offset { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
