/// When each of many sessions is due that come at even distances, whether or not the earlier ones have ended.
package struct Pace {
  /// Nanoseconds of the clock that the caller uses.
  package let start: Int64
  package let count: Int
  private let gap: Double
  private var begun = 0

  /// - Parameters:
  ///   - rate: sessions in a second, above zero.
  ///   - duration: seconds.
  package init(start: Int64, rate: Double, duration: Double) {
    self.start = start
    gap = 1_000_000_000 / rate
    count = max(1, Int(rate * duration))
  }

  package func due(_ index: Int) -> Int64 { start + Int64(gap * Double(index)) }

  /// When the next one is due; nil when all have begun.
  package var next: Int64? { begun < count ? due(begun) : nil }

  /// Those that are to begin now.
  package mutating func take(at now: Int64) -> Range<Int> {
    let first = begun
    while begun < count, due(begun) <= now { begun += 1 }
    return first..<begun
  }
}
