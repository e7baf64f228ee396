/// How long to wait before trying again: `min(limit, first · 2^(attempt-1)) · (1 + spread · random)`.
///
/// | attempt | `reflector` (s) | `workQueue` (s) |
/// |---|---|---|
/// | 1 | 0.25–0.375 | 0.01 |
/// | 2 | 0.5–0.75 | 0.02 |
/// | 3 | 1–1.5 | 0.04 |
/// | 5 | 4–6 | 0.16 |
/// | 8 | 30–45 | 1.28 |
/// | 12 | 30–45 | 20.48 |
/// | 16 and more | 30–45 | 120 |
package struct Backoff: Sendable, Hashable {
  package var first: Duration
  package var limit: Duration
  /// How much longer than computed a wait may be, so that many clients do not come back at one moment.
  package var spread: Double

  package init(first: Duration, limit: Duration, spread: Double) {
    self.first = first
    self.limit = limit
    self.spread = spread
  }

  package static let reflector = Backoff(first: .milliseconds(250), limit: .seconds(30), spread: 0.5)
  package static let workQueue = Backoff(first: .milliseconds(10), limit: .seconds(120), spread: 0)

  /// `attempt` counts from 1; `random` is in 0..<1.
  package func delay(attempt: Int, random: Double) -> Duration {
    var delay = first
    for _ in 1..<max(2, attempt) where attempt > 1 {
      delay *= 2
      if delay >= limit { break }
    }
    return min(delay, limit) * (1 + spread * random)
  }
}
