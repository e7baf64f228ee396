package import FoundationEssentials

/// The time at which something is decided: monotonic for what lasts, wall for what is written down.
package struct Moment: Sendable, Hashable {
  package var monotonic: Duration
  package var wall: Date

  package init(monotonic: Duration, wall: Date) {
    self.monotonic = monotonic
    self.wall = wall
  }

  /// The wall time as the API writes it: RFC 3339 in UTC, to the second.
  package var timestamp: String { wall.formatted(.iso8601) }

  package func advanced(by duration: Duration) -> Moment {
    Moment(monotonic: monotonic + duration, wall: wall.addingTimeInterval(duration / .seconds(1)))
  }
}
