import FoundationEssentials
import HummingbirdCore
import KubernetesAPI
import KubernetesClient
import Logging
import NIOCore
import NIOHTTP1

/// A connection of the API server: HTTP, unless its first request asks for a port to be forwarded.
struct APIConnection: ServerChildChannel {
  let http: HTTP1Channel
  let core: ServerCore
  let peers: PeerCheck

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
    http.setup(channel: channel, logger: logger).flatMapThrowing { value in
      let pipeline = channel.pipeline.syncOperations
      let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
      let upgrade = HTTPServerUpgradeHandler(
        upgraders: [PortForwardUpgrade(core: core, peers: peers)],
        httpEncoder: try pipeline.handler(type: HTTPResponseEncoder.self), extraHTTPHandlers: [decoder],
        upgradeCompletionHandler: { _ in })
      try pipeline.addHandler(upgrade, position: .after(decoder))
      try pipeline.addHandler(RefusalFilter(), position: .after(upgrade))
      return value
    }
  }

  /// After an upgrade this waits for the end of the connection: no request ever comes.
  func handle(value: HTTP1Channel.Value, logger: Logger) async { await http.handle(value: value, logger: logger) }
}

/// Takes over a connection whose request asks for `portforward` of a pod that runs. Others go on as ordinary requests,
/// whose answer says what is wrong.
struct PortForwardUpgrade: HTTPServerProtocolUpgrader, Sendable {
  struct Refused: Error {}

  let core: ServerCore
  let peers: PeerCheck

  var supportedProtocol: String { PortForwardProtocol.upgrade }
  var requiredUpgradeHeaders: [String] { [] }

  func buildUpgradeResponse(
    channel: any Channel, upgradeRequest head: HTTPRequestHead, initialResponseHeaders: HTTPHeaders
  ) -> EventLoopFuture<HTTPHeaders> {
    let versions = head.headers[canonicalForm: PortForwardProtocol.header]
    guard peers.allows(channel), versions.contains(where: { $0 == PortForwardProtocol.name }),
      case .success = Self.target(of: head, core)
    else { return channel.eventLoop.makeFailedFuture(Refused()) }
    var headers = initialResponseHeaders
    headers.add(name: PortForwardProtocol.header, value: PortForwardProtocol.name)
    return channel.eventLoop.makeSucceededFuture(headers)
  }

  func upgrade(context: ChannelHandlerContext, upgradeRequest head: HTTPRequestHead) -> EventLoopFuture<Void> {
    context.eventLoop.makeCompletedFuture {
      // Each connection asks for the pod anew: it may have gone since.
      let forwarding = PortForwardConnection { [core] in Self.target(of: head, core) }
      // What is behind it in the pipeline knows HTTP only; nothing gets past it.
      try context.pipeline.syncOperations.addHandler(forwarding, position: .first)
    }
  }

  private static func target(of head: HTTPRequestHead, _ core: ServerCore) -> Result<PortForwardTarget, APIStatus> {
    let path = String(head.uri.prefix { $0 != "?" })
    let request = APIRequest(method: head.method.rawValue, path: PercentEncoding.decode(path) ?? path)
    switch core.handle(request, now: Date()) {
    case .answer(.portForward(let target)): return .success(target)
    case .answer(.document(let code, let document, _, _)):
      return .failure(APIStatus(message: document["message"]?.stringValue, code: code))
    default: return .failure(.noSuchResource)
    }
  }
}

/// Keeps the refusal of an upgrade from the handlers of HTTP, for which any error is the end of the connection.
final class RefusalFilter: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if !(error is PortForwardUpgrade.Refused) { context.fireErrorCaught(error) }
  }
}
