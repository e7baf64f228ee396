import Dataflow
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle
import Synchronization

/// Serves what `PodProbes` answers over HTTP. Each connection gets one answer, so that nothing has to be waited for when the
/// sidecar ends but answers that are under way.
struct ProbeServer: Service {
  /// How long a connection may take to say what it wants.
  static let patience = Duration.seconds(10)
  static let connectionLimit = 64

  private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

  let probes: PodProbes
  var address: SidecarConfiguration.HostAndPort
  let logger: Logger
  /// Called with the port once connections are accepted.
  var whenListening: @Sendable (Int) -> Void = { _ in }

  func run() async throws {
    let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .bind(host: address.host, port: address.port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
          return try Connection(wrappingChannelSynchronously: channel)
        }
      }
    let open = ConnectionCount()
    whenListening(server.channel.localAddress?.port ?? address.port)
    try await withGracefulShutdownHandler {
      try await server.executeThenClose { connections in
        try await withThrowingDiscardingTaskGroup { group in
          for try await connection in connections {
            let isFull = open.add(1) > Self.connectionLimit
            group.addTask {
              if !isFull { await serve(connection) }
              try? await connection.channel.close()
              _ = open.add(-1)
            }
          }
        }
      }
    } onGracefulShutdown: {
      server.channel.close(promise: nil)
    }
  }

  private func serve(_ connection: Connection) async {
    do {
      try await connection.executeThenClose { inbound, outbound in
        guard let head = try await Self.firstHead(of: inbound, connection.channel) else { return }
        let answer = await probes.answer(head)
        let body = ByteBuffer(string: answer.text.hasSuffix("\n") ? answer.text : answer.text + "\n")
        let headers: HTTPHeaders = [
          "Content-Type": "text/plain; charset=utf-8", "Content-Length": "\(body.readableBytes)", "Connection": "close",
        ]
        try await outbound.write(.head(.init(version: .http1_1, status: answer.status, headers: headers)))
        if head.method != .HEAD { try await outbound.write(.body(.byteBuffer(body))) }
        try await outbound.write(.end(nil))
      }
    } catch {
      logger.debug("a connection for probes has ended: \(error)")
    }
  }

  /// What the connection asks for; nil when it ends, or says nothing for too long.
  private static func firstHead(
    of inbound: NIOAsyncChannelInboundStream<HTTPServerRequestPart>, _ channel: any Channel
  ) async throws -> HTTPRequestHead? {
    let alarm = channel.eventLoop.scheduleTask(in: TimeAmount(patience)) { channel.close(promise: nil) }
    defer { alarm.cancel() }
    for try await case .head(let head) in inbound { return head }
    return nil
  }
}

private final class ConnectionCount: Sendable {
  private let count = Atomic(0)

  /// Answers the new count.
  func add(_ number: Int) -> Int { count.wrappingAdd(number, ordering: .relaxed).newValue }
}
