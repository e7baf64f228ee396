import FoundationEssentials
import HTTPTypes
import Hummingbird
import KubernetesAPI
import KubernetesClient
import Logging
import NIOCore

/// Turns HTTP into requests of the pure core and its answers into HTTP.
struct APIResponder: HTTPResponder {
  typealias Context = ConnectionContext

  let core: ServerCore
  let peers: PeerCheck
  let logs: PodLogs
  let logger: Logger

  func respond(to request: Request, context: ConnectionContext) async throws -> Response {
    guard peers.allows(context.channel) else {
      logger.warning("refused a connection of another user", metadata: ["path": .string(request.uri.path)])
      return Self.response(
        .status(
          APIStatus(
            message:
              "the local cluster serves only the user who started it, and root; run kubectl as that user",
            reason: "Forbidden",
            code: 403)))
    }
    var asked = Self.asked(request)
    let isWatch = asked.method == "GET" && asked.flag("watch")
    if !isWatch {
      do {
        let buffer = try await request.body.collect(upTo: ClusterState.objectLimit * 2)
        asked.body = Data(buffer.readableBytesView)
      } catch {
        return Self.response(
          .status(
            APIStatus(
              message: "the body of the request is too large or broke off: \(error)", reason: "RequestEntityTooLarge",
              code: 413)))
      }
    }
    switch core.handle(asked, now: Date()) {
    case .watch(let subscription, let id):
      return Response(
        status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-cache, private"],
        body: WatchBody(core: core, subscription: subscription, id: id).response(to: request))
    case .answer(.portForward):
      // kubectl takes the refusal of a WebSocket as the sign to try SPDY.
      return Self.response(
        .status(
          .badRequest(
            "forwarding a port needs a connection that is upgraded to \(PortForwardProtocol.upgrade), with "
              + "\(PortForwardProtocol.header): \(PortForwardProtocol.name)")))
    case .answer(.podLog(let asked)): return await logs.response(to: asked, for: request)
    case .answer(let answer): return Self.response(answer, isHead: asked.method == "HEAD")
    }
  }

  private static func asked(_ request: Request) -> APIRequest {
    var asked = APIRequest(
      method: request.method.rawValue, path: PercentEncoding.decode(request.uri.path) ?? request.uri.path)
    asked.query = query(request.uri.query ?? "")
    asked.accept = request.headers[.accept] ?? "application/json"
    asked.contentType = request.headers[.contentType] ?? "application/json"
    asked.userAgent = request.headers[.userAgent] ?? ""
    return asked
  }

  /// Takes a query apart as forms are written: a plus sign is a space, as kubectl's `in (a,b)` selectors have it.
  static func query(_ text: String) -> [String: String] {
    var query: [String: String] = [:]
    for pair in text.split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { side in
        let spaced = side.replacing("+", with: " ")
        return PercentEncoding.decode(spaced) ?? String(spaced)
      }
      query[sides[0]] = sides.count > 1 ? sides[1] : ""
    }
    return query
  }

  static func response(_ answer: Answer, isHead: Bool = false) -> Response {
    switch answer {
    case .document(let code, let document, let warnings, let type):
      var headers: HTTPFields = [.contentType: type, .cacheControl: "no-cache, private"]
      if let name = HTTPField.Name("Warning") {
        for warning in warnings {
          headers.append(HTTPField(name: name, value: "299 - \"\(escaped(warning))\""))
        }
      }
      return Response(
        status: .init(code: code), headers: headers,
        body: isHead ? .init() : .init(byteBuffer: ByteBuffer(string: document.canonicalText)))
    case .text(let code, let text):
      return Response(
        status: .init(code: code), headers: [.contentType: "text/plain; charset=utf-8"],
        body: .init(byteBuffer: ByteBuffer(string: text)))
    case .bytes(let type, let bytes):
      return Response(
        status: .ok, headers: [.contentType: type], body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    case .watch, .podLog, .portForward: return Response(status: .internalServerError)
    }
  }

  /// As a quoted string of an HTTP header.
  private static func escaped(_ text: String) -> String {
    String(text.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : $0.isNewline ? [" "] : [$0] })
  }
}
