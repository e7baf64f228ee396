import CCurl
import FoundationEssentials

extension TransferError {
  /// What one of libcurl's results means to a client of an API server.
  init(_ code: CURLcode, _ detail: String) {
    if let error = Self.known(code, detail) {
      self = error
      return
    }
    switch code {
    case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY:
      self = .unreachable(detail)
    case CURLE_OPERATION_TIMEDOUT:
      self = .timedOut(detail)
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CONNECT_ERROR,
      CURLE_SSL_ISSUER_ERROR:
      self = .certificate(detail)
    case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_HTTP2, CURLE_HTTP2_STREAM:
      self = .connectionLost(detail)
    case CURLE_WEIRD_SERVER_REPLY, CURLE_WRITE_ERROR, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING:
      self = .protocolViolation(detail)
    default:
      self = .setup(detail)
    }
  }

  /// Some results are too coarse: OpenSSL's words tell what happened.
  private static func known(_ code: CURLcode, _ detail: String) -> TransferError? {
    func says(_ words: String...) -> Bool { words.contains { detail.lowercased().contains($0.lowercased()) } }
    switch code {
    case CURLE_SSL_CONNECT_ERROR:
      // Plain text came where TLS was expected.
      if says("wrong version number", "packet length too long") { return .protocolViolation(detail) }
      // As when a load balancer's server restarts: nothing is wrong with the certificates.
      if says("SSL_ERROR_SYSCALL", "unexpected eof", "reset by peer") { return .connectionLost(detail) }
      return nil
    case CURLE_SEND_ERROR, CURLE_RECV_ERROR:
      if says("CONNECT tunnel failed") { return .unreachable("the proxy refused: \(detail)") }
      // In TLS 1.3 the server judges our certificate only after the handshake.
      return says("alert") && says("certificate", "unknown ca") ? .certificate(detail) : nil
    default:
      return nil
    }
  }
}
