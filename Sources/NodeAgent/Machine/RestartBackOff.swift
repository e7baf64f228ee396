/// How long a container waits before it is started again.
///
/// The first restart is immediate; each further one waits twice as long as the one before, up to a bound. With the
/// default base of 1 s:
///
/// | restart | 1 | 2 | 3 | 4 | 5 | 6 | 7 and more |
/// |---|---|---|---|---|---|---|---|
/// | waits | 0 s | 1 s | 2 s | 4 s | 8 s | 16 s | 30 s |
///
/// A container that ran for `resetAfter` begins anew. Kubernetes has a base of 10 s and a bound of 5 min; who develops
/// on a laptop wants to see the effect of a change sooner.
package struct RestartBackOff: Sendable, Hashable {
  package var base: Duration
  package var limit: Duration
  package var resetAfter: Duration

  package init(base: Duration = .seconds(1), limit: Duration = .seconds(30), resetAfter: Duration = .seconds(600)) {
    self.base = base
    self.limit = limit
    self.resetAfter = resetAfter
  }

  /// The wait before the restart that follows `failures` earlier ones.
  package func delay(afterFailures failures: Int) -> Duration {
    guard failures > 0 else { return .zero }
    var delay = base
    for _ in 1..<failures {
      delay *= 2
      if delay >= limit { return limit }
    }
    return min(delay, limit)
  }
}
