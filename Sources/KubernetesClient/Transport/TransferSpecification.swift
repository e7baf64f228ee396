import FoundationEssentials

/// Everything that libcurl is told about one exchange.
struct TransferSpecification: Sendable {
  var method: String
  var url: String
  /// `name: value` lines, credentials included.
  var headerLines: [String]
  var body: Data?
  var limits: HTTPRequest.Limits
  var security: ConnectionSecurity
}

/// How connections to the server are made and trusted.
struct ConnectionSecurity: Sendable {
  var certificateAuthority: Material?
  var clientCertificate: Material?
  var clientKey: Material?
  var verifiesServer = true
  /// Nil follows the environment (`HTTPS_PROXY`, `NO_PROXY`); the empty string forbids any proxy.
  var proxy: String?
  /// `::host:port`, where the connection goes to when the URL names the host that the certificate is checked for.
  var connectTo: String?
  var allowsHTTP2 = true

  /// PEM text in a file or in memory.
  enum Material: Sendable {
    case file(String)
    case data(Data)
  }
}
