import Dataflow
import FoundationEssentials
import Logging
import NIOCore
import Wire

/// One connection to a coordinator, on the thread that serves its socket: frames are taken apart and put together there, and
/// pass between it and the sidecar's loop without a third thread.
final class LinkHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// How the connection has ended.
  struct End: Sendable {
    var wasRegistered = false
    var redirection: LinkAddress?
    var reason = "closed by the coordinator"
  }

  /// Frames are written together until they are so many bytes, so that large results are not held twice.
  private static let writeSize = 256 << 10

  private let loop: SidecarLoop
  private let logger: Logger
  private let ended: EventLoopPromise<End>
  private var context: ChannelHandlerContext?
  private var outbox: LinkOutbox?
  /// Taken out of the outbox and not written so far.
  private var unwritten: ArraySlice<PodFrame> = []
  private var inbox = FrameBuffer(sizeLimit: CoordinatorFrame.sizeLimit)
  private var lastHeard = NIODeadline.now()
  private var end = End()
  private var failure: (any Error)?

  init(loop: SidecarLoop, logger: Logger, ended: EventLoopPromise<End>) {
    self.loop = loop
    self.logger = logger
    self.ended = ended
  }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
    if let failure { ended.fail(failure) } else { ended.succeed(end) }
  }

  /// The connection stands and is the one to be used.
  func begin() {
    guard let context, context.channel.isActive else { return }
    let this = NIOLoopBound(self, eventLoop: context.eventLoop)
    let outbox = LinkOutbox { [eventLoop = context.eventLoop] in eventLoop.execute { this.value.sendGathered() } }
    self.outbox = outbox
    loop.post(.linkOpened(outbox))
    lastHeard = .now()
    watchForSilence()
  }

  func channelInactive(context: ChannelHandlerContext) {
    if outbox != nil { loop.post(.linkClosed) }
    outbox = nil
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    failure = error
    context.close(promise: nil)
  }

  private func close(_ reason: String) {
    end.reason = reason
    context?.close(promise: nil)
  }

  private func watchForSilence() {
    guard let context, outbox != nil else { return }
    let deadline = lastHeard + TimeAmount(CoordinatorLink.silenceLimit)
    guard deadline > .now() else {
      return close("nothing heard for \(DurationText.format(CoordinatorLink.silenceLimit))")
    }
    context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { self.watchForSilence() }
  }

  // MARK: - What comes

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    lastHeard = .now()
    // Copied while the buffer lives.
    unsafe unwrapInboundIn(data).withUnsafeReadableBytes { unsafe inbox.append($0) }
    // Posted together, so that the loop is woken once.
    var messages: [SidecarLoop.Message] = []
    do {
      while let body = try inbox.next(), try follow(CoordinatorFrame(decoding: body), &messages) {}
    } catch {
      errorCaught(context: context, error: error)
    }
    if !loop.post(messages) { close("the sidecar is \(SidecarLoop.mailboxLimit) messages behind") }
  }

  /// False when the connection is of no more use.
  private func follow(_ frame: CoordinatorFrame, _ messages: inout [SidecarLoop.Message]) throws -> Bool {
    switch frame {
    case .registered(_, _, let coordinator):
      logger.info("registered with coordinator \(coordinator)")
      end.wasRegistered = true
      messages.append(.frame(frame))
    case .redirect(let address):
      end.redirection = LinkAddress(address)
      close("the workflow belongs to the replica at \(address)")
      return false
    case .refused(let reason):
      close("refused: \(reason)")
      return false
    case .plan(let revision, let document): if let plan = decode(document, revision) { messages.append(.plan(plan)) }
    default: messages.append(.frame(frame))
    }
    return true
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

  // MARK: - What goes

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    sendGathered()
    context.fireChannelWritabilityChanged()
  }

  /// Writes what has gathered, as far as the coordinator takes it.
  private func sendGathered() {
    guard let context, let outbox else { return }
    while context.channel.isWritable {
      if unwritten.isEmpty {
        guard let frames = outbox.take() else {
          logger.warning("the coordinator is \(LinkOutbox.limit) frames behind; the link is opened anew")
          return close("the coordinator did not keep up")
        }
        unwritten = frames[...]
      }
      guard !unwritten.isEmpty else { return }
      var bytes = context.channel.allocator.buffer(capacity: 1024)
      while bytes.readableBytes < Self.writeSize, let frame = unwritten.popFirst() { bytes.writeBytes(frame.encoded()) }
      context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }
  }
}
