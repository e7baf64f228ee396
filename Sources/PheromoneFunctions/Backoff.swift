/// How long to wait before the next try: 50 ms, doubled each time, at most 5 s.
///
/// | failures so far | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 and more |
/// |---|---|---|---|---|---|---|---|---|
/// | wait | 50 ms | 100 ms | 200 ms | 400 ms | 800 ms | 1.6 s | 3.2 s | 5 s |
enum Backoff {
  static func delay(afterFailures count: Int) -> Duration {
    guard count > 0 else { return .zero }
    return min(.milliseconds(50 << min(count - 1, 8)), .seconds(5))
  }
}
