/// What time it is, as an input to everything that decides.
package struct Moment: Sendable, Hashable, Codable {
  /// Since some fixed point of this process; never goes back. Durations are measured by it.
  package var monotonic: Duration
  /// Since the Unix epoch; may jump. Windows and time stamps are taken from it.
  package var wall: Duration

  package init(monotonic: Duration, wall: Duration) {
    self.monotonic = monotonic
    self.wall = wall
  }

  package static func + (moment: Moment, duration: Duration) -> Moment {
    Moment(monotonic: moment.monotonic + duration, wall: moment.wall + duration)
  }
}
