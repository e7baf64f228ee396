/// How long the body of a request may take to come in: a grace, and more time for every byte that came.
///
/// With the standard values a body of 1 MiB may take two minutes, and one that comes byte by byte just over a minute.
package struct BodyPace: Sendable, Hashable {
  package var grace: Duration
  package var bytesPerSecond: Int

  package init(grace: Duration = .seconds(60), bytesPerSecond: Int = 16 << 10) {
    self.grace = grace
    self.bytesPerSecond = bytesPerSecond
  }

  func isTooSlow(_ count: Int, after time: Duration) -> Bool {
    time > grace + .seconds(Double(count) / Double(bytesPerSecond))
  }
}
