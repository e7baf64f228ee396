import Dataflow
import FoundationEssentials
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization
import Wire

/// Keeps a connection to the coordinator that owns the workflow: dials, greets, follows redirections, and dials again.
struct CoordinatorLink: Service {
  /// A coordinator sends something at least every 2 s; after so long it is gone.
  static let silenceLimit = Duration.seconds(10)
  /// Frames are written together until they are so many bytes, so that large results are not held twice.
  private static let writeSize = 256 << 10

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

  private struct End {
    var wasRegistered = false
    var redirection: LinkAddress?
    var reason = "closed by the coordinator"
  }

  private func hold(_ target: LinkAddress) async throws -> End {
    let channel = try await target.connect { channel in
      channel.eventLoop.makeCompletedFuture {
        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
      }
    }
    return try await channel.executeThenClose { inbound, outbound in
      let outbox = LinkOutbox(logger: logger)
      loop.post(.linkOpened(outbox))
      defer {
        loop.post(.linkClosed)
        outbox.close()
      }
      let lastHeard = LastHeard()
      return try await withThrowingTaskGroup(of: End?.self) { group in
        group.addTask {
          try await outbox.forEachBatch { frames in
            var bytes = ByteBuffer()
            for frame in frames {
              bytes.writeBytes(frame.encoded())
              guard bytes.readableBytes >= Self.writeSize else { continue }
              try await outbound.write(bytes)
              bytes = ByteBuffer()
            }
            if bytes.readableBytes > 0 { try await outbound.write(bytes) }
          }
          return End(reason: "the coordinator did not keep up")
        }
        group.addTask { try await receive(inbound, lastHeard) }
        group.addTask {
          try await lastHeard.waitForSilence(of: Self.silenceLimit)
          return End(wasRegistered: true, reason: "nothing heard for \(DurationText.format(Self.silenceLimit))")
        }
        let end = try await group.next() ?? nil
        group.cancelAll()
        return end ?? End()
      }
    }
  }

  private func receive(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, _ lastHeard: LastHeard) async throws -> End
  {
    var buffer = FrameBuffer(sizeLimit: CoordinatorFrame.sizeLimit)
    var end = End()
    for try await bytes in inbound {
      lastHeard.touch()
      buffer.append(bytes.readableBytesView)
      // Posted together, so that the loop is woken once.
      var frames: [SidecarLoop.Message] = []
      defer { loop.post(frames) }
      while let body = try buffer.next() {
        switch try CoordinatorFrame(decoding: body) {
        case .registered(let version, let features, let coordinator):
          logger.info("registered with coordinator \(coordinator)")
          end.wasRegistered = true
          frames.append(.frame(.registered(version: version, features: features, coordinator: coordinator)))
        case .redirect(let address):
          end.redirection = LinkAddress(address)
          end.reason = "the workflow belongs to the replica at \(address)"
          return end
        case .refused(let reason):
          end.reason = "refused: \(reason)"
          return end
        case .plan(let revision, let document): if let plan = decode(document, revision) { frames.append(.plan(plan)) }
        case let frame: frames.append(.frame(frame))
        }
      }
    }
    return end
  }

  /// Nil when it cannot be read: then the last plan stays in force.
  private func decode(_ document: [UInt8], _ revision: String) -> WorkflowPlan? {
    do {
      return try JSONDecoder().decode(WorkflowPlan.self, from: Data(document))
    } catch {
      logger.error("plan \(revision) cannot be read: \(error)")
      return nil
    }
  }
}

/// When the peer was last heard of.
private final class LastHeard: Sendable {
  private let instant = Mutex(ContinuousClock.now)

  func touch() { instant.withLock { $0 = .now } }

  /// Returns once nothing was heard for so long.
  func waitForSilence(of limit: Duration) async throws {
    while true {
      let deadline = instant.withLock { $0 } + limit
      guard deadline > .now else { return }
      try await Task.sleep(until: deadline, clock: .continuous)
    }
  }
}
