import FoundationEssentials

/// The parts of a server's URL. Without a scheme `https` is meant, as in every client of Kubernetes.
struct ServerAddress: Hashable, Sendable {
  var scheme: String
  /// Without the brackets of an IPv6 address.
  var host: String
  var port: Int
  /// Without a slash at its end.
  var path: String
  private var hasPort: Bool

  init(_ text: String) {
    var rest = Substring(text)
    scheme = "https"
    if let separator = text.firstRange(of: "://") {
      scheme = text[..<separator.lowerBound].lowercased()
      rest = text[separator.upperBound...]
    }
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    var path = String(rest[slash...])
    while path.hasSuffix("/") { path.removeLast() }
    self.path = path
    let authority = rest[..<slash]
    let hostEnd: Substring.Index
    if authority.first == "[", let bracket = authority.firstIndex(of: "]") {
      host = String(authority[authority.index(after: authority.startIndex)..<bracket])
      hostEnd = authority.index(after: bracket)
    } else {
      hostEnd = authority.lastIndex(of: ":") ?? authority.endIndex
      host = String(authority[..<hostEnd])
    }
    let explicit = Int(authority[hostEnd...].dropFirst())
    hasPort = explicit != nil
    port = explicit ?? (scheme == "http" ? 80 : 443)
  }

  /// Host and port as they stand in a URL.
  var authority: String { hasPort ? Self.authority(host, port) : Self.bracketed(host) }

  /// A host, in brackets if it is an IPv6 address, and a port.
  static func authority(_ host: String, _ port: Int) -> String { "\(bracketed(host)):\(port)" }

  private static func bracketed(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }

  /// Proxies are never asked for a server on this machine.
  var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }
}
