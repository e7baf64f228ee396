/// Which API server to speak to, and as whom. Secrets print as `<REDACTED>`.
package struct ClientConfiguration: Sendable, Hashable {
  /// Such as `https://10.0.0.1:6443`, with a path where the server is behind one.
  package var server: String
  /// Where requests go whose caller names no namespace.
  package var namespace = "default"
  /// What the configuration was read from, for messages.
  package var origin = "the program"

  package var caFile: String?
  /// PEM text.
  package var caData: String?
  package var clientCertificateFile: String?
  /// PEM text.
  package var clientCertificateData: String?
  package var clientKeyFile: String?
  package var clientKeyData: Secret?

  package var token: Secret?
  /// Read again at least every minute, because what is mounted into a pod is rotated.
  package var tokenFile: String?
  package var username: String?
  package var password: Secret?

  package var insecureSkipTLSVerify = false
  package var proxyURL: String?
  /// The name that the server's certificate is checked for, where that is not the host in `server`.
  package var tlsServerName: String?

  package init(server: String) { self.server = server }
}

extension ClientConfiguration: CustomStringConvertible {
  package var description: String {
    var parts = ["server: \(server)", "namespace: \(namespace)", "from: \(origin)"]
    if clientCertificateFile != nil || clientCertificateData != nil { parts.append("client certificate") }
    if token != nil || tokenFile != nil { parts.append("token: <REDACTED>") }
    if let username { parts.append("username: \(username), password: <REDACTED>") }
    if insecureSkipTLSVerify { parts.append("insecure-skip-tls-verify") }
    return "ClientConfiguration(\(parts.joined(separator: ", ")))"
  }
}
