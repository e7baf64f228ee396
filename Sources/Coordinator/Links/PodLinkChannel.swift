import Logging
package import NIOCore
import Wire

/// The coordinator's end of one sidecar's connection: cuts the stream into frames, has the pod registered, and notices
/// its silence. Lives on its channel's event loop.
final class PodLinkChannel: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private enum Phase {
    case silent
    /// The pod watch has not shown the pod yet.
    case registering(PodFrame.Registration, until: NIODeadline)
    case registered(LinkIdentity)
    case closed
  }

  private let broker: SessionBroker
  private let timing: LinkTiming
  private let logger: Logger
  private var phase = Phase.silent
  private var frames = FrameBuffer(sizeLimit: PodFrame.sizeLimit)
  private var heard = NIODeadline.now()
  private var opened = NIODeadline.now()
  private var link: ChannelPodLink?
  private var pulse: RepeatedTask?

  init(broker: SessionBroker, timing: LinkTiming, logger: Logger) {
    self.broker = broker
    self.timing = timing
    self.logger = logger
  }

  func channelActive(context: ChannelHandlerContext) {
    link = ChannelPodLink(context.channel)
    heard = .now()
    opened = heard
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    pulse = context.eventLoop.scheduleRepeatedTask(initialDelay: timing.ping, delay: timing.ping) { _ in
      let (handler, context) = bound.value
      handler.beat(context)
    }
    context.fireChannelActive()
  }

  private func beat(_ context: ChannelHandlerContext) {
    if case .silent = phase, NIODeadline.now() - opened > timing.silence {
      logger.warning("a connection has not registered in time", metadata: ["peer": "\(peer(context))"])
      context.close(promise: nil)
    } else if NIODeadline.now() - heard > timing.silence {
      logger.warning("a pod is silent and counts as dead", metadata: ["peer": "\(peer(context))"])
      context.close(promise: nil)
    } else if case .registered = phase {
      link?.send(.ping)
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    heard = .now()
    frames.append(unwrapInboundIn(data).readableBytesView)
    process(context)
  }

  /// Frames behind a `register` wait until that is decided.
  private func process(_ context: ChannelHandlerContext) {
    do {
      while true {
        switch phase {
        case .closed, .registering: return
        case .silent, .registered: break
        }
        guard let body = try frames.next() else { return }
        receive(try PodFrame(decoding: body), context)
      }
    } catch {
      logger.error("a sidecar sends nonsense", metadata: ["peer": "\(peer(context))", "error": "\(error)"])
      context.close(promise: nil)
    }
  }

  private func receive(_ frame: PodFrame, _ context: ChannelHandlerContext) {
    guard let link else { return }
    switch (phase, frame) {
    case (.silent, .register(let registration)):
      phase = .registering(registration, until: .now() + timing.registration)
      register(context)
    case (.registered(let identity), _): broker.received(frame, from: identity, link: link)
    default:
      logger.error("a sidecar's first frame is no registration", metadata: ["peer": "\(peer(context))"])
      context.close(promise: nil)
    }
  }

  private func register(_ context: ChannelHandlerContext) {
    guard let link, case .registering(let registration, let deadline) = phase else { return }
    switch broker.register(registration, over: link) {
    case .accepted(let identity):
      phase = .registered(identity)
      logger.info(
        "pod registered",
        metadata: [
          "pod": "\(identity.namespace)/\(identity.pod)", "workflow": "\(identity.workflow)",
          "sessions": "\(registration.sessions.count)",
        ])
      process(context)
    case .notYet(let reason) where NIODeadline.now() >= deadline: refuse(reason, registration, context)
    case .notYet:
      let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
      context.eventLoop.scheduleTask(in: timing.registrationPause) {
        let (handler, context) = bound.value
        handler.register(context)
      }
    case .refused(let reason): refuse(reason, registration, context)
    }
  }

  private func refuse(_ reason: String, _ registration: PodFrame.Registration, _ context: ChannelHandlerContext) {
    logger.warning(
      "registration refused",
      metadata: ["pod": "\(registration.namespace)/\(registration.podName)", "reason": "\(reason)"])
    phase = .closed
    let frame = context.channel.allocator.buffer(bytes: CoordinatorFrame.refused(reason: reason).encoded())
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    context.writeAndFlush(wrapOutboundOut(frame)).whenComplete { _ in bound.value.close(promise: nil) }
  }

  func channelInactive(context: ChannelHandlerContext) {
    pulse?.cancel()
    pulse = nil
    if case .registered(let identity) = phase, let link {
      logger.info("pod gone", metadata: ["pod": "\(identity.namespace)/\(identity.pod)"])
      broker.lost(identity, link: link)
    }
    phase = .closed
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    logger.debug("link failed", metadata: ["peer": "\(peer(context))", "error": "\(error)"])
    context.close(promise: nil)
  }

  private func peer(_ context: ChannelHandlerContext) -> String {
    if case .registered(let identity) = phase { return "\(identity.namespace)/\(identity.pod)" }
    return context.remoteAddress?.description ?? "unknown"
  }
}

/// Sends frames over a channel. A payload is encoded on the event loop, not by who sends it. What a slow sidecar has not
/// read yet is bounded by the payloads that the coordinator holds for running sessions.
final class ChannelPodLink: PodLink {
  private let channel: any Channel

  init(_ channel: any Channel) { self.channel = channel }

  func send(_ frame: CoordinatorFrame) {
    channel.eventLoop.execute { [channel] in
      guard channel.isActive else { return }
      channel.writeAndFlush(channel.allocator.buffer(bytes: frame.encoded()), promise: nil)
    }
  }

  func close() { channel.close(promise: nil) }
}

/// How fast a link notices things.
package struct LinkTiming: Sendable, Hashable {
  package var ping = TimeAmount.seconds(2)
  package var silence = TimeAmount.seconds(5)
  /// How long the pod watch may take to show a pod that registers.
  package var registration = TimeAmount.seconds(4)
  package var registrationPause = TimeAmount.milliseconds(100)

  package init() {}
}
