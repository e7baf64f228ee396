/// How long a report takes to become the next invocation. Reads no clock of its own: it begins with the time that the
/// report is stamped with and ends with whatever time is read next, which is before anything else is begun.
struct HandOver {
  private var reportedAt: Duration?
  private var hasInvoked = false

  /// A worker's frame was read at that time, and is followed now.
  mutating func frameRead(at time: Duration) {
    reportedAt = time
    hasInvoked = false
  }

  /// An invocation was written.
  mutating func invoked() { hasInvoked = true }

  /// A clock was read for something else. How long the hand-over took that has ended before, if one has.
  mutating func clockRead(_ time: Duration) -> Duration? {
    defer { reportedAt = nil }
    guard hasInvoked, let reportedAt else { return nil }
    hasInvoked = false
    return time - reportedAt
  }
}
