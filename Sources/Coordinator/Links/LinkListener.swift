package import Logging
import NIOCore
import NIOPosix

/// Where sidecars dial in.
package struct LinkListener: Sendable {
  private let broker: SessionBroker
  private let timing: LinkTiming
  private let logger: Logger

  package init(broker: SessionBroker, timing: LinkTiming = LinkTiming(), logger: Logger) {
    self.broker = broker
    self.timing = timing
    self.logger = logger
  }

  /// Listens until the task is cancelled, then closes every link. `bound` is told the port.
  package func run(host: String, port: Int, bound: @Sendable (Int) -> Void = { _ in }) async throws {
    let links = LinkSet()
    let server: any Channel
    do {
      server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .serverChannelOption(.backlog, value: 256)
        .childChannelOption(.socketOption(.so_keepalive), value: 1)
        .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        .childChannelInitializer { [broker, timing, logger] channel in
          guard links.insert(channel) else {
            return channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
          }
          return channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(
              PodLinkChannel(broker: broker, timing: timing, logger: logger))
          }
        }
        .bind(host: host, port: port).get()
    } catch {
      throw ListenError(
        description: "cannot listen for sidecars on \(host):\(port): \(error); is another coordinator running? "
          + "Choose another address with --link-listen")
    }
    bound(server.localAddress?.port ?? port)
    logger.info("waiting for sidecars", metadata: ["address": "\(host):\(server.localAddress?.port ?? port)"])
    await withTaskCancellationHandler {
      try? await server.closeFuture.get()
    } onCancel: {
      server.close(promise: nil)
    }
    await links.close()
  }
}

package struct ListenError: Error, Sendable, CustomStringConvertible {
  package var description: String
}
