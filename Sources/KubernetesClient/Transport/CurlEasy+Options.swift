import CCurl
import FoundationEssentials

extension CurlEasy {
  func configure(_ specification: TransferSpecification) throws(TransferError) {
    try set(CURLOPT_NOSIGNAL, 1)
    try setCallbacks()
    try set(CURLOPT_URL, specification.url)
    // A name that is a dot or two stays one: what it would lead to is not what was asked for.
    try set(CURLOPT_PATH_AS_IS, 1)
    try set(CURLOPT_PROTOCOLS_STR, "http,https")
    try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    try set(CURLOPT_TCP_KEEPALIVE, 1)
    try set(CURLOPT_TCP_KEEPIDLE, 30)
    try set(CURLOPT_TCP_KEEPINTVL, 10)
    try set(CURLOPT_HTTPHEADER, list: specification.headerLines)
    try setLimits(specification.limits)
    try setMethod(specification.method, body: specification.body)
    try setSecurity(specification.security, isTLS: specification.url.hasPrefix("https:"))
  }

  private func setLimits(_ limits: HTTPRequest.Limits) throws(TransferError) {
    try set(CURLOPT_CONNECTTIMEOUT_MS, limits.connect.wholeMilliseconds)
    if let overall = limits.overall { try set(CURLOPT_TIMEOUT_MS, overall.wholeMilliseconds) }
    if let silence = limits.silence {
      try set(CURLOPT_LOW_SPEED_LIMIT, 1)
      try set(CURLOPT_LOW_SPEED_TIME, max(1, silence.wholeMilliseconds / 1000))
    }
  }

  private func setMethod(_ method: String, body: Data?) throws(TransferError) {
    if method == "HEAD" {
      try set(CURLOPT_NOBODY, 1)
      return
    }
    if let body { try set(body: body) }
    try set(CURLOPT_CUSTOMREQUEST, method)
  }

  private func setSecurity(_ security: ConnectionSecurity, isTLS: Bool) throws(TransferError) {
    if let proxy = security.proxy {
      try set(CURLOPT_PROXY, proxy)
      try set(CURLOPT_NOPROXY, "")
    }
    guard isTLS else { return }
    if let target = security.connectTo { try set(CURLOPT_CONNECT_TO, list: [target]) }
    let version = security.allowsHTTP2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1
    try set(CURLOPT_HTTP_VERSION, Int(version))
    // Rather wait a moment to learn whether a connection that is being made can be shared than make another one.
    try set(CURLOPT_PIPEWAIT, 1)
    try set(CURLOPT_SSL_VERIFYPEER, security.verifiesServer ? 1 : 0)
    try set(CURLOPT_SSL_VERIFYHOST, security.verifiesServer ? 2 : 0)
    if let authority = security.certificateAuthority {
      // Only this authority: the system's folder of authorities would be trusted beside it.
      try clear(CURLOPT_CAPATH)
      try set(authority, file: CURLOPT_CAINFO, blob: CURLOPT_CAINFO_BLOB)
    }
    if let certificate = security.clientCertificate {
      try set(certificate, file: CURLOPT_SSLCERT, blob: CURLOPT_SSLCERT_BLOB)
    }
    if let key = security.clientKey { try set(key, file: CURLOPT_SSLKEY, blob: CURLOPT_SSLKEY_BLOB) }
  }

  private func set(
    _ material: ConnectionSecurity.Material, file: CURLoption, blob: CURLoption
  ) throws(TransferError) {
    switch material {
    case .file(let path): try set(file, path)
    case .data(let data): try set(blob, blob: data)
    }
  }
}

extension Duration {
  /// Rounded up, so that a short time does not become "no limit".
  var wholeMilliseconds: Int {
    let (seconds, attoseconds) = components
    return max(1, Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000))
  }
}
