/// Which pod `pods/x/portforward` leads to.
struct PortForwardTarget: Sendable, Hashable {
  var namespace: String
  var pod: String
  /// The pod's IP.
  var address: String
}

/// What connections are forwarded with. Clients of the WebSocket variant are refused, and fall back to this one.
enum PortForwardProtocol {
  static let upgrade = "SPDY/3.1"
  static let name = "portforward.k8s.io"
  static let header = "X-Stream-Protocol-Version"
}
