/// When a dead worker is started again: at once, unless it has died several times in a row soon after its start.
///
/// | short lives in a row | 1–3 | 4 | 5 | 6 | … | 11 and more |
/// |---|---|---|---|---|---|---|
/// | wait | none | 50 ms | 100 ms | 200 ms | doubled | 5 s |
struct RestartPolicy: Sendable, Hashable {
  /// A life shorter than this counts as having served nothing.
  static let shortLife = Duration.seconds(1)
  private static let free = 3

  private var shortLives = 0

  init() {}

  /// How long to wait before the next start, given how long the worker has lived.
  mutating func delay(afterLife life: Duration) -> Duration {
    shortLives = life < Self.shortLife ? shortLives + 1 : 1
    return Backoff.delay(afterFailures: shortLives - Self.free)
  }
}
