import FoundationEssentials
import KubernetesAPI

/// Turns what went wrong into a sentence with a remedy; knows the server, and where its configuration came from.
struct ErrorExplainer: Sendable {
  let server: String
  let origin: String
  /// Whether the configuration names a proxy.
  var isProxied = false

  func explain(_ error: TransferError, method: String, path: String) -> KubernetesError {
    let what = "\(method) \(path)"
    switch error {
    case .unreachable(let detail):
      return KubernetesError(
        .unreachable,
        message: "\(what): the API server at \(server) cannot be reached (\(detail)); check that it runs and that "
          + "`server`\(isProxied ? " and `proxy-url`" : "") in \(origin) \(isProxied ? "are" : "is") right")
    case .timedOut(let detail):
      return KubernetesError(
        .timedOut,
        message: "\(what): the API server at \(server) did not answer in time (\(detail)); check the network, or try "
          + "again when the server is less busy")
    case .certificate(let detail):
      return KubernetesError(
        .certificate,
        message: "\(what): no trusted connection to \(server) (\(detail)); the certificates in \(origin) may be stale "
          + "or belong to another cluster: get a fresh kubeconfig")
    case .connectionLost(let detail):
      return KubernetesError(
        .connectionLost,
        message: "\(what): the connection to \(server) was lost (\(detail)); the request may be repeated")
    case .protocolViolation(let detail):
      return KubernetesError(
        .malformed,
        message: "\(what): \(server) does not answer like an API server (\(detail)); check `server` in \(origin)")
    case .tooLarge:
      return KubernetesError(.tooLarge, message: "\(what): \(error.detail); narrow the request with a selector")
    case .tooManyTransfers:
      return KubernetesError(.overloaded, message: "\(what): \(error.detail); wait for some to end")
    case .tooManyWaiting:
      return KubernetesError(
        .overloaded, message: "\(what): \(error.detail); allow a higher rate, or try again when it is less busy")
    case .setup(let detail):
      return KubernetesError(
        .configuration, message: "\(what): \(detail); check the certificates and the proxy in \(origin)")
    case .cancelled:
      return KubernetesError(.connectionLost, message: "\(what): the client was shut down; make a new one")
    }
  }

  /// The error of an answer whose status says failure.
  func explain(_ head: HTTPResponseHead, body: Data, method: String, path: String) -> KubernetesError {
    var status =
      (try? JSONValue(parsing: body)).flatMap { document -> APIStatus? in
        document["kind"] == "Status" ? try? document.decode() : nil
      } ?? APIStatus(message: Self.plainText(body), code: head.status)
    if status.code == nil { status.code = head.status }
    if status.reason == nil, head.status == 410 { status.reason = "Expired" }
    let detail = status.message.flatMap { $0.isEmpty ? nil : $0 } ?? "HTTP \(head.status)"
    var message = "\(method) \(path): \(detail)"
    switch head.status {
    case 401:
      message +=
        "; the server does not know who is asking: the credentials in \(origin) are missing, stale or of "
        + "another cluster; get a fresh kubeconfig"
    case 403: message += "; ask for a role that allows this, or use another user in \(origin)"
    case 410: message += "; what was asked for is too old, list again"
    default: break
    }
    return KubernetesError(
      .status, message: message, status: status, retryAfter: Self.retryAfter(head, status))
  }

  func malformed(_ detail: String, method: String, path: String) -> KubernetesError {
    explain(.protocolViolation(detail), method: method, path: path)
  }

  private static func retryAfter(_ head: HTTPResponseHead, _ status: APIStatus) -> Duration? {
    let seconds = head.headers["retry-after"].flatMap { Int($0) } ?? status.details?.retryAfterSeconds
    return seconds.map { KubernetesError.bounded(retryAfter: $0) }
  }

  private static func plainText(_ body: Data) -> String {
    String(decoding: body.prefix(512), as: UTF8.self).trimmed
  }
}
