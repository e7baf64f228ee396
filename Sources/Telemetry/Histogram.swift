/// Counts values by how large they are.
package struct Histogram: Sendable, Hashable {
  /// Upper bounds of the classes, the smallest first; what is larger than all of them has a class of its own.
  package let bounds: [Double]
  package private(set) var sum = 0.0
  private var counts: [UInt64]

  package init(bounds: [Double]) {
    self.bounds = bounds
    counts = [UInt64](repeating: 0, count: bounds.count + 1)
  }

  /// What somebody else has counted.
  ///
  /// - Parameter counts: of each class, the one without a bound included.
  package init(bounds: [Double], counts: [UInt64], sum: Double) {
    precondition(counts.count == bounds.count + 1, "a histogram has one class more than bounds")
    self.bounds = bounds
    self.counts = counts
    self.sum = sum
  }

  /// For what takes microseconds: seconds from 1 µs to 1 s, three bounds for a factor of ten.
  package static let fast = Histogram(
    bounds: [
      1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1,
    ])

  /// For what waits for other machines: seconds from 1 ms to a minute.
  package static let slow = Histogram(
    bounds: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60])

  /// A value that is no number is left out.
  package mutating func observe(_ value: Double) {
    guard !value.isNaN else { return }
    var index = 0
    while index < bounds.count, value > bounds[index] { index += 1 }
    counts[index] += 1
    sum += value
  }

  package mutating func observe(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    observe(Double(seconds) + Double(attoseconds) / 1e18)
  }

  package var count: UInt64 { counts.reduce(0, +) }

  /// How many values are at most each bound; last, with no bound, all of them.
  package var cumulative: [(bound: Double?, count: UInt64)] {
    var total: UInt64 = 0
    return counts.enumerated().map { index, count in
      total += count
      return (index < bounds.count ? bounds[index] : nil, total)
    }
  }
}
