/// Counts durations by how long they are: an addition and a few comparisons for each, and no memory.
package struct DurationCounts: Sendable, Hashable {
  /// Upper bounds of the classes, the shortest first; what is longer than all of them has a class of its own.
  package static let bounds: [Duration] = [
    .microseconds(1), .microseconds(2), .microseconds(5), .microseconds(10), .microseconds(20), .microseconds(50),
    .microseconds(100), .microseconds(200), .microseconds(500), .milliseconds(1), .milliseconds(2), .milliseconds(5),
    .milliseconds(10), .milliseconds(50), .milliseconds(100), .milliseconds(500), .seconds(1), .seconds(10),
    .seconds(60),
  ]

  /// What took no time at all, as far as events are told apart, which is the rule for a hand-over.
  private var instants: UInt64 = 0
  private var longer = [UInt64](repeating: 0, count: bounds.count + 1)
  package private(set) var sum = Duration.zero

  package init() {}

  @inline(__always)
  package mutating func observe(_ duration: Duration) {
    if duration == .zero { instants &+= 1 } else { observe(longer: duration) }
  }

  private mutating func observe(longer duration: Duration) {
    var index = 0
    while index < Self.bounds.count, duration > Self.bounds[index] { index += 1 }
    longer[index] &+= 1
    sum += duration
  }

  /// How many durations each class has; last, those beyond all bounds.
  package var counts: [UInt64] {
    var counts = longer
    counts[0] += instants
    return counts
  }
}
