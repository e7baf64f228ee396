import FoundationEssentials
import KubernetesAPI
import Synchronization

/// A token that may live in a file which is replaced from time to time.
final class TokenSource: Sendable {
  /// How old what was read may be; the kubelet rotates a token long before it expires.
  static let maximumAge = Duration.seconds(60)

  private let fixed: Secret?
  private let file: String?
  private let cache = Mutex<(token: Secret, readAt: ContinuousClock.Instant)?>(nil)

  init(token: Secret?, file: String?) {
    fixed = token
    self.file = file
  }

  var isReloadable: Bool { file != nil }

  func current(now: ContinuousClock.Instant = .now) throws(ConfigurationError) -> Secret? {
    guard let file else { return fixed }
    if let cached = cache.withLock({ $0 }), now - cached.readAt < Self.maximumAge { return cached.token }
    guard let data = FileManager.default.contents(atPath: file) else {
      // What was read before may still be good: the server says so if it is not.
      if let cached = cache.withLock({ $0 }) { return cached.token }
      throw ConfigurationError(
        "the token file cannot be read", remedy: "check that it exists and that this user may read it", file: file)
    }
    let token = Secret(String(decoding: data, as: UTF8.self).trimmed)
    cache.withLock { $0 = (token, now) }
    return token
  }

  /// Forgets what was read, so that the next request reads the file again: the server refused it.
  func invalidate() { cache.withLock { $0 = nil } }
}
