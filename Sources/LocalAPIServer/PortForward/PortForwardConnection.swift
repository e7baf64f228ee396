import KubernetesAPI
import NIOCore
import NIOPosix

/// Carries out what a `PortForwardSession` decides, on a connection that was upgraded from HTTP.
///
/// A real API server passes such a connection on to the kubelet of the pod's node, which can enter the pod's network.
/// Here the pods' addresses are loopback ones that everybody on the machine reaches, so the API server connects to the
/// pod itself. The same event loop serves the client and its pods.
final class PortForwardConnection: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = Never
  typealias OutboundOut = ByteBuffer

  private static let connectTimeout = TimeAmount.seconds(10)

  private let target: () -> Result<PortForwardTarget, APIStatus>
  private var session = PortForwardSession()
  private var pods: [UInt32: any Channel] = [:]
  /// Pods that have been read from as far as the client takes it.
  private var waitingPods: Set<UInt32> = []
  /// A read was asked for while the session takes no more.
  private var isReadDue = false
  private var isPerforming = false
  private var context: ChannelHandlerContext?

  init(target: @escaping () -> Result<PortForwardTarget, APIStatus>) { self.target = target }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
    closePods()
  }

  // MARK: - The client

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let buffer = unwrapInboundIn(data)
    session.received(Array(buffer.readableBytesView))
    perform()
  }

  func channelReadComplete(context: ChannelHandlerContext) {}

  func read(context: ChannelHandlerContext) {
    if session.isStalled { isReadDue = true } else { context.read() }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    guard context.channel.isWritable else { return }
    let ids = waitingPods
    waitingPods = []
    for id in ids { pods[id]?.read() }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    // The client says no more, or the server is going away.
    if event is ChannelShouldQuiesceEvent || (event as? ChannelEvent) == .inputClosed { context.close(promise: nil) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  func channelInactive(context: ChannelHandlerContext) {
    closePods()
    context.fireChannelInactive()
  }

  // MARK: - The pods

  fileprivate func podSent(_ id: UInt32, _ bytes: [UInt8]) {
    session.podSent(id, bytes)
    perform()
  }

  /// Reads on if the client takes it.
  fileprivate func podPaused(_ id: UInt32) {
    guard let context, context.channel.isWritable else {
      waitingPods.insert(id)
      return
    }
    pods[id]?.read()
  }

  fileprivate func podIsReading(_ id: UInt32, _ isReading: Bool) {
    session.podIsReading(id, isReading)
    perform()
  }

  fileprivate func podEnded(_ id: UInt32) {
    session.podEnded(id)
    perform()
  }

  // MARK: - Actions

  private func perform() {
    // What a pod's channel reports while it is written to waits for its turn.
    guard !isPerforming, let context else { return }
    isPerforming = true
    while case let actions = session.takeActions(), !actions.isEmpty {
      for action in actions { perform(action, context) }
    }
    isPerforming = false
    context.flush()
    if isReadDue, !session.isStalled {
      isReadDue = false
      context.read()
    }
  }

  private func perform(_ action: PortForwardSession.Action, _ context: ChannelHandlerContext) {
    switch action {
    case .send(let bytes): context.write(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    case .connect(let id, let port): connect(id, port: port, context)
    case .write(let id, let bytes):
      guard let pod = pods[id] else { return }
      pod.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
      if !pod.isWritable { session.podIsReading(id, false) }
    case .finishWriting(let id): pods[id]?.close(mode: .output, promise: nil)
    case .close(let id):
      waitingPods.remove(id)
      // What was written before still goes out.
      pods.removeValue(forKey: id)?.close(promise: nil)
    case .end: context.close(promise: nil)
    }
  }

  private func connect(_ id: UInt32, port: Int, _ context: ChannelHandlerContext) {
    let target: PortForwardTarget
    switch self.target() {
    case .success(let found): target = found
    case .failure(let status):
      return session.failed(id, "error forwarding port \(port): \(status.message ?? "the pod cannot be found")")
    }
    ClientBootstrap(group: context.eventLoop)
      .channelOption(.autoRead, value: false)
      .channelOption(.allowRemoteHalfClosure, value: true)
      .connectTimeout(Self.connectTimeout)
      .connect(host: target.address, port: port)
      .assumeIsolated()
      .whenComplete { [self] result in
        do {
          try opened(id, result.get())
        } catch {
          session.failed(
            id,
            "error forwarding port \(port) to pod \(target.namespace)/\(target.pod): cannot connect to "
              + "\(target.address):\(port), does a container listen there? (\(error))")
        }
        perform()
      }
  }

  private func opened(_ id: UInt32, _ pod: any Channel) throws {
    // The client may have gone, or changed its mind, in the meantime.
    guard self.context != nil, session.connected(id) else { return pod.close(promise: nil) }
    try pod.pipeline.syncOperations.addHandler(PodEnd(id: id, owner: self))
    pods[id] = pod
    pod.read()
  }

  private func closePods() {
    let open = pods
    pods = [:]
    for pod in open.values { pod.close(promise: nil) }
  }
}

/// The pod's end of a forwarded connection.
private final class PodEnd: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let id: UInt32
  private let owner: PortForwardConnection

  init(id: UInt32, owner: PortForwardConnection) {
    self.id = id
    self.owner = owner
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    owner.podSent(id, Array(unwrapInboundIn(data).readableBytesView))
  }

  func channelReadComplete(context: ChannelHandlerContext) { owner.podPaused(id) }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    owner.podIsReading(id, context.channel.isWritable)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if (event as? ChannelEvent) == .inputClosed { owner.podEnded(id) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { owner.podEnded(id) }

  func channelInactive(context: ChannelHandlerContext) { owner.podEnded(id) }
}
