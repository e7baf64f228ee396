import Synchronization

/// Holds requests back while there are more of them than a token bucket lets through.
final class RequestPace: Sendable {
  /// More wait than could be sent in the time that a request may take.
  struct Exceeded: Error {}

  private let bucket: Mutex<TokenBucket>

  init(_ bucket: TokenBucket) { self.bucket = Mutex(bucket) }

  /// Returns when the request may be sent, and how long that took. Does not begin to wait for more than `limit`.
  func next(limit: Duration) async throws -> Duration {
    guard let wait = bucket.withLock({ $0.take(now: .now, limit: limit) }) else { throw Exceeded() }
    guard wait > .zero else { return wait }
    do {
      try await Task.sleep(for: wait)
    } catch {
      bucket.withLock { $0.giveBack() }
      throw error
    }
    return wait
  }
}
