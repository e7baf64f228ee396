import Dataflow

/// How long an invocation waits between attempts: `base × 2^(attempt − 1)`, at most a minute, less up to a quarter. What is
/// taken off is drawn from the firing id, so that many failures at once do not come back at once and a replay sees the same.
///
/// | base | after attempt 1 | 2 | 3 | 4 | 10 |
/// |---|---|---|---|---|---|
/// | 200ms | 150–200ms | 300–400ms | 600–800ms | 1.2–1.6s | 45–60s |
enum Backoff {
  static let longest = Duration.seconds(60)

  static func pause(_ base: Duration, attempt: Int, firing: Label) -> Duration {
    let doubled = base * (1 << min(attempt - 1, 20))
    let pause = min(doubled, longest)
    let digits = StableHash.of(firing.text, String(attempt)).prefix(4)
    let fraction = Double(UInt16(digits, radix: 16) ?? 0) / Double(UInt16.max)
    return pause * (1 - fraction / 4)
  }
}
