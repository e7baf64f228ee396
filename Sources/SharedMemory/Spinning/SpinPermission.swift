/// Whether one who waits may spin before it sleeps.
package enum SpinPermission: Sendable, Hashable {
  case denied
  /// The caller has a permit of `SpinPermits` itself, or is alone, as in a test.
  case granted
  /// The peer's memory says so, and may say otherwise at any time: how a sidecar hands permits to executors.
  case byPeer
}
