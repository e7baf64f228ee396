import Dataflow
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// Keeps a connection to the coordinator that owns the workflow: dials, greets, follows redirections, and dials again.
struct CoordinatorLink: Service {
  /// A coordinator sends something at least every 2 s; after so long it is gone.
  static let silenceLimit = Duration.seconds(10)

  let address: LinkAddress
  let loop: SidecarLoop
  let logger: Logger

  func run() async throws {
    await cancelWhenGracefulShutdown { await dialForever() }
  }

  private func dialForever() async {
    var target = address
    var failures = 0
    // The coordinator may be started beside this program.
    let expectedFrom = ContinuousClock.now + .seconds(1)
    while !Task.isCancelled {
      do {
        let end = try await hold(target)
        failures = end.wasRegistered ? 0 : failures + 1
        target = end.redirection ?? address
        logger.info("the link to the coordinator has closed: \(end.reason)")
      } catch {
        failures += 1
        target = address
        logger.log(level: .now < expectedFrom ? .debug : .warning, "\(Self.complaint(of: error, at: target))")
      }
      // 100 ms, 200 ms, … 3.2 s: a coordinator that comes back is found soon, one that is down is not pestered.
      try? await Task.sleep(for: .milliseconds(100 << min(failures, 5)))
    }
  }

  private func hold(_ target: LinkAddress) async throws -> LinkHandler.End {
    // Several are tried where a name has several addresses; one of them is used.
    let (channel, handler, ended) = try await target.connect { channel in
      channel.eventLoop.makeCompletedFuture {
        let ended = channel.eventLoop.makePromise(of: LinkHandler.End.self)
        let handler = LinkHandler(loop: loop, logger: logger, ended: ended)
        try channel.pipeline.syncOperations.addHandler(handler)
        return (channel, NIOLoopBound(handler, eventLoop: channel.eventLoop), ended.futureResult)
      }
    }
    try await channel.eventLoop.submit { handler.value.begin() }.get()
    return try await withTaskCancellationHandler {
      try await ended.get()
    } onCancel: {
      channel.close(promise: nil)
    }
  }
}
