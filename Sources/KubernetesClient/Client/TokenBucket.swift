/// Lets through so many a second on average, and up to `burst` at once after a rest. Pure: time is an input.
///
/// Who comes when there is no token left takes one of the future and is told how long that takes, so that all go on in
/// the order in which they came, none of them asks again, and nobody is passed over.
package struct TokenBucket: Sendable, Hashable {
  package typealias Instant = ContinuousClock.Instant

  /// Tokens a second.
  package let rate: Double
  package let burst: Double
  /// Below zero: that many tokens of the future are taken.
  private var tokens: Double
  private var countedAt: Instant?

  /// A full one. Both are more than 0; a burst below 1 is one of 1.
  package init(rate: Double, burst: Int) {
    precondition(rate > 0 && rate.isFinite)
    self.rate = rate
    self.burst = Double(max(1, burst))
    tokens = self.burst
  }

  /// Takes a token and returns when it is there: zero, if at once. Takes none and returns nil if that is later than
  /// `limit`, so that there are never more than `rate · limit` that wait.
  package mutating func take(now: Instant, limit: Duration? = nil) -> Duration? {
    if let countedAt, now > countedAt { tokens = min(burst, tokens + (now - countedAt) / .seconds(1) * rate) }
    countedAt = max(countedAt ?? now, now)
    let wait = max(Duration.zero, Duration.seconds((1 - tokens) / rate))
    if let limit, wait > limit { return nil }
    tokens -= 1
    return wait
  }

  /// Gives back a token that was taken and is not going to be used.
  package mutating func giveBack() { tokens = min(burst, tokens + 1) }
}
