import Dataflow
import DequeModule
import ExecutorPod
import Logging
import ObjectStore
import SharedMemory
import Wire

/// Interprets the pod's actions: sockets, segments and the link to the coordinator. Lives on the loop's thread.
struct PodRuntime: ~Copyable {
  static let listenerToken: UInt64 = 1
  /// What one connection may have read before the others have their turn. The rest is there at the next look.
  static let readsAtOnce = 16

  private let loop: SidecarLoop
  private var core: PodCore
  private var segments = SegmentTable()
  private var connections: [UInt64: WorkerConnection] = [:]
  private var gate = ConnectionGate()
  private var link: LinkOutbox?
  private var idleCallbacks: [@Sendable () -> Void] = []
  private var lastConnection = PodRuntime.listenerToken
  private var pending: Deque<PodAction> = []
  private var isPerforming = false

  init(loop: SidecarLoop) {
    self.loop = loop
    core = PodCore(identity: loop.identity)
  }

  /// Runs until it is told to stop.
  mutating func run() throws(SystemError) {
    while true {
      let now = SidecarLoop.now()
      let deadline = [core.nextDeadline, gate.nextDeadline].compactMap(\.self).min()
      let timeout = deadline.map { max(.zero, $0 - now.monotonic) }
      for event in try loop.events.wait(timeout: timeout) {
        if event.token == Self.listenerToken {
          acceptConnections()
        } else {
          serve(event)
        }
      }
      follow(gate.timersDue(now: SidecarLoop.now().monotonic))
      core.timersDue(now: SidecarLoop.now())
      perform()
      for message in loop.takeMessages() {
        if case .stop = message { return }
        follow(message)
        perform()
      }
      if core.activeSessions == 0, !idleCallbacks.isEmpty {
        for callback in idleCallbacks { callback() }
        idleCallbacks = []
      }
    }
  }

  private mutating func follow(_ message: SidecarLoop.Message) {
    switch message {
    case .linkOpened(let outbox):
      link = outbox
      core.linkOpened()
      core.settle(now: SidecarLoop.now())
    case .linkClosed:
      link = nil
      core.linkClosed()
    case .frame(let frame): core.coordinatorFrame(frame, now: SidecarLoop.now())
    case .plan(let plan): core.apply(plan, now: SidecarLoop.now())
    case .drain: core.drain(now: SidecarLoop.now())
    case .inspect(let question): question(core)
    case .whenIdle(let callback): idleCallbacks.append(callback)
    case .stop: break
    }
  }

  // MARK: - Connections

  private mutating func acceptConnections() {
    do {
      while let socket = try loop.listener.accept() {
        guard !gate.isFull else {
          loop.logger.warning("a connection was closed: there are \(gate.count) already")
          continue
        }
        lastConnection += 1
        try loop.events.register(socket.descriptor, .readable, token: lastConnection)
        connections[lastConnection] = WorkerConnection(socket: socket)
        gate.accepted(lastConnection, now: SidecarLoop.now().monotonic)
      }
      gate.queueEmptied()
    } catch {
      follow(gate.acceptFailed(now: SidecarLoop.now().monotonic), cause: error)
    }
  }

  private mutating func follow(_ actions: [ConnectionGate.Action], cause: SystemError? = nil) {
    for action in actions {
      switch action {
      case .ignoreListener: watchListener(for: [])
      case .watchListener: watchListener(for: .readable)
      case .logShortage:
        let reason = cause.map { ": \($0)" } ?? ""
        loop.logger.error("executors cannot connect until others leave; this is said once\(reason)")
      case .closeSilent(let token):
        close(token, reason: "it said no hello for \(DurationText.format(ConnectionGate.helloTimeout))")
      }
    }
  }

  private func watchListener(for interest: EventLoop.Interest) {
    do {
      try loop.events.modify(loop.listener.descriptor, interest, token: Self.listenerToken)
    } catch {
      loop.logger.error("the listener for executors is lost: \(error)")
    }
  }

  private mutating func serve(_ event: EventLoop.Event) {
    if event.isWritable { flush(event.token) }
    guard event.isReadable || event.isHangUp else { return }
    // What was sent before the end still counts: it is read first.
    do {
      for _ in 0..<Self.readsAtOnce {
        guard let socket = connections[event.token]?.socket else { return }
        switch try socket.receive() {
        case .nothing: return
        case .closed: return close(event.token, reason: "its process has ended")
        case .data(let bytes, _): try take(bytes, from: event.token)
        }
      }
    } catch let error as WireError {
      close(event.token, reason: "it sent no frame: \(error)")
    } catch {
      close(event.token, reason: "\(error)")
    }
  }

  private mutating func take(_ bytes: [UInt8], from token: UInt64) throws {
    connections[token]?.inbox.append(bytes)
    while let body = try connections[token]?.inbox.next() {
      let frame = try WorkerFrame(decoding: body)
      if case .hello = frame { gate.greeted(token) }
      core.workerFrame(frame, from: token, now: SidecarLoop.now())
      perform()
    }
  }

  private mutating func flush(_ token: UInt64) {
    guard var connection = connections[token] else { return }
    do {
      let hadUnsent = connection.hasUnsent
      try connection.flush()
      connections[token] = connection
      if connection.hasUnsent || hadUnsent {
        let interest: EventLoop.Interest = connection.hasUnsent ? [.readable, .writable] : .readable
        try loop.events.modify(connection.socket.descriptor, interest, token: token)
      }
    } catch {
      close(token, reason: "\(error)")
    }
  }

  private mutating func close(_ token: UInt64, reason: String) {
    guard let connection = connections.removeValue(forKey: token) else { return }
    loop.logger.info("an executor's connection closes: \(reason)")
    try? loop.events.remove(connection.socket.descriptor)
    connection.socket.shutDown()
    follow(gate.closed(token))
    core.workerGone(token, reason: "the executor died: \(reason)", now: SidecarLoop.now())
    perform()
  }

  // MARK: - Actions

  /// What an action leads to is done after all that was decided before it: a segment is made before anyone is sent it.
  private mutating func perform() {
    pending.append(contentsOf: core.takeActions())
    guard !isPerforming else { return }
    isPerforming = true
    defer { isPerforming = false }
    while let action = pending.popFirst() {
      perform(action)
      pending.append(contentsOf: core.takeActions())
    }
  }

  private mutating func perform(_ action: PodAction) {
    do {
      switch action {
      case .send(let connection, let frame, let segment): send(frame, segment: segment, to: connection)
      case .close(let connection, let reason): close(connection, reason: reason)
      case .createSegment(let id, let size): _ = try segments.create(id, size: size)
      case .createOwnSegment(let id, let size): _ = try segments.createOwn(id, size: size)
      case .sealSegment(let id, let connection): seal(id, for: connection)
      case .destroySegment(let id): segments.destroy(id)
      case .write(let bytes, let segment, let offset): try segments[segment]?.write(bytes, at: offset)
      case .tellCoordinator(let frame): link?.send(frame)
      case .deliver(let session, let state, let message, let outputs, let request):
        deliver(SessionResult(session: session, state: state, message: message), outputs, request: request)
      case .log(let note): loop.logger.log(level: note.isWarning ? .warning : .info, "\(note.message)")
      }
    } catch {
      loop.logger.error("object memory failed: \(error)")
    }
  }

  private mutating func send(_ frame: SidecarFrame, segment id: UInt32?, to token: UInt64) {
    guard connections[token] != nil else { return }
    let segment = id.flatMap { segments[$0] }
    guard (segment != nil) == (frame.descriptorCount > 0) else {
      return close(token, reason: "the segment for it could not be made")
    }
    guard connections[token]?.enqueue(frame, segment: segment) == true else {
      return close(token, reason: "it does not read what it is sent")
    }
    flush(token)
  }

  private mutating func seal(_ id: UInt32, for connection: UInt64) {
    do {
      try segments[id]?.seal()
    } catch {
      close(connection, reason: "its segment could not be sealed: \(error)")
    }
  }

  private mutating func deliver(_ empty: SessionResult, _ outputs: [OutputLocation], request: UInt64?) {
    var result = empty
    do {
      for output in outputs {
        result.outputs.append(.init(name: output.name, bytes: try segments.bytes(at: output.location)))
      }
    } catch {
      result = SessionResult(session: empty.session, state: .failed, message: "the outputs cannot be read: \(error)")
    }
    link?.send(request.map { .outputs(request: $0, result: result) } ?? .ended(result))
  }
}
