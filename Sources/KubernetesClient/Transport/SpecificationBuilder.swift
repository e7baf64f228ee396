import FoundationEssentials

/// Adds to a request what the configuration knows: the server, credentials, trust, and the proxy.
struct SpecificationBuilder: Sendable {
  private let base: String
  /// Where `tls-server-name` takes the place of the host in the URL: the real host, for the `Host` header.
  private let hostHeader: String?
  private let userAgent: String
  private let basicCredentials: Secret?
  private let security: ConnectionSecurity

  init(_ configuration: ClientConfiguration, userAgent: String) {
    self.userAgent = userAgent
    let address = ServerAddress(configuration.server)
    let connectTo: String?
    if address.scheme == "https", let name = configuration.tlsServerName, !name.isEmpty, name != address.host {
      base = "https://\(ServerAddress.authority(name, address.port))\(address.path)"
      hostHeader = address.authority
      connectTo = "::\(ServerAddress.authority(address.host, address.port))"
    } else {
      base = "\(address.scheme)://\(address.authority)\(address.path)"
      hostHeader = nil
      connectTo = nil
    }
    basicCredentials = configuration.username.map { name in
      Secret(Data("\(name):\(configuration.password?.revealed ?? "")".utf8).base64EncodedString())
    }
    security = ConnectionSecurity(
      certificateAuthority: Self.material(configuration.caFile, configuration.caData),
      clientCertificate: Self.material(configuration.clientCertificateFile, configuration.clientCertificateData),
      clientKey: Self.material(configuration.clientKeyFile, configuration.clientKeyData?.revealed),
      verifiesServer: !configuration.insecureSkipTLSVerify,
      proxy: configuration.proxyURL.map { Self.proxy($0) } ?? (address.isLoopback ? "" : nil),
      connectTo: connectTo)
  }

  func build(_ request: HTTPRequest, token: Secret?) -> TransferSpecification {
    var headers: [String] = ["User-Agent: \(userAgent)", "Expect:"]
    let names = Set(request.headers.map { $0.name.lowercased() })
    if !names.contains("accept") { headers.append("Accept: application/json") }
    if request.body != nil, !names.contains("content-type") { headers.append("Content-Type: application/json") }
    if let hostHeader { headers.append("Host: \(hostHeader)") }
    if let token {
      headers.append("Authorization: Bearer \(Self.line(token.revealed))")
    } else if let basicCredentials {
      headers.append("Authorization: Basic \(basicCredentials.revealed)")
    }
    headers += request.headers.map { "\(Self.line($0.name)): \(Self.line($0.value))" }
    return TransferSpecification(
      method: request.method, url: base + request.path + Self.queryText(request.query), headerLines: headers,
      body: request.body, limits: request.limits, security: security)
  }

  /// Data wins over a file, as in every client of Kubernetes.
  private static func material(_ file: String?, _ data: String?) -> ConnectionSecurity.Material? {
    data.map { .data(Data($0.utf8)) } ?? file.map { .file($0) }
  }

  /// Every client of Kubernetes lets a SOCKS proxy look up names; libcurl does so only for `socks5h`.
  private static func proxy(_ url: String) -> String {
    let scheme = "socks5://"
    return url.lowercased().hasPrefix(scheme) ? "socks5h://" + url.dropFirst(scheme.count) : url
  }

  /// A line break in a value would begin another header.
  private static func line(_ text: String) -> String {
    String(text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7f })
  }

  static func queryText(_ query: [(name: String, value: String)]) -> String {
    let pairs = query.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }
    return pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
  }
}
