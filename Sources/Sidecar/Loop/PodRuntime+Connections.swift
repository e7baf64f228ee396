import Dataflow
import ExecutorPod
import Logging
import SharedMemory
import Wire

/// Executors' connections: what comes through their rings and sockets.
extension PodRuntime {
  /// What one connection may have read before the others have their turn. The rest is there at the next look.
  static let readsAtOnce = 16
  /// Connections that are accepted before others have their turn.
  static let acceptsAtOnce = 64
  /// What one ring can hold. Whatever comes behind was written later, by one that may never stop.
  static let framesAtMost = RingTransport.largestWorkerCapacity / 8
  /// What all unfinished frames may take together.
  static let inboxLimit = 64 << 20
  /// What one connection may hold before all of them are looked at.
  static let unnoticedSize = 16 << 10

  /// Follows what the rings hold, some frames of each. Answers how many there were.
  mutating func readRings() -> Int {
    var count = 0
    for (token, connection) in ringConnections where connection.isReady {
      count += readRing(of: connection, token, atMost: Self.readsAtOnce)
    }
    return count
  }

  private mutating func readRing(of connection: WorkerConnection, _ token: UInt64, atMost limit: Int) -> Int {
    var count = 0
    do {
      while count < limit, !connection.isClosed, let frame = try connection.nextRingFrame() {
        count += 1
        take(frame, from: token)
      }
    } catch {
      close(token, reason: "\(error)")
    }
    return count
  }

  mutating func serve(_ events: [EventLoop.Event]) {
    for event in events {
      if event.token == Self.listenerToken {
        acceptConnections()
      } else if event.token & 1 == 0 {
        serve(event)
      } else {
        silenceBell(event.token & ~1)
      }
    }
  }

  /// A bell was rung for frames that `readRings` finds.
  private mutating func silenceBell(_ token: UInt64) {
    do {
      try connections[token]?.silenceBell()
    } catch {
      close(token, reason: "\(error)")
    }
  }

  private mutating func acceptConnections() {
    do {
      for _ in 0..<Self.acceptsAtOnce {
        guard let socket = try loop.listener.accept() else { return gate.queueEmptied() }
        guard !gate.isFull else {
          loop.logger.warning("a connection was closed: there are \(gate.count) already")
          continue
        }
        lastConnection += 2
        let token = lastConnection & ~1
        try loop.events.register(socket.descriptor, .readable, token: token)
        connections[token] = WorkerConnection(socket: socket)
        gate.accepted(token, now: SidecarLoop.now().monotonic)
      }
    } catch {
      follow(gate.acceptFailed(now: SidecarLoop.now().monotonic), cause: error)
    }
  }

  mutating func follow(_ actions: [ConnectionGate.Action], cause: SystemError? = nil) {
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
    guard let connection = connections[event.token] else { return }
    if event.isWritable { flush(connection, event.token) }
    if event.isReadable || event.isHangUp { read(connection, event.token) }
  }

  /// Takes what has come through the socket. What was sent before its end still counts: it is read first.
  private mutating func read(_ connection: WorkerConnection, _ token: UInt64) {
    // Of the ring, whatever comes meanwhile: who writes without end must not hold up the others.
    var budget = Self.framesAtMost
    do {
      for _ in 0..<Self.readsAtOnce where !connection.isClosed {
        switch try connection.socket.receive() {
        case .nothing: return
        case .closed:
          _ = readRing(of: connection, token, atMost: budget)
          return close(token, reason: "its process has ended", hasEnded: true)
        case .data(let bytes, let descriptors):
          try take(bytes, descriptors, from: connection, token, ringBudget: &budget)
        }
      }
    } catch let error as WireError {
      close(token, reason: "it sent no frame: \(error)")
    } catch {
      close(token, reason: "\(error)", hasEnded: true)
    }
  }

  private mutating func take(
    _ bytes: [UInt8], _ descriptors: [OwnedDescriptor], from connection: WorkerConnection, _ token: UInt64,
    ringBudget: inout Int
  ) throws {
    connection.inbox.append(bytes)
    while !connection.isClosed, let body = try connection.inbox.next() {
      let frame = try WorkerFrame(decoding: body)
      if case .hello(let hello) = frame {
        gate.greeted(token)
        connection.inbox.sizeLimit = WorkerFrame.sizeLimit
        // A supervisor says so little that the socket does.
        if hello.ringCapacity > 0, hello.role == .worker, !connection.hasRings, let memory = descriptors.first {
          try connect(connection, token, memory, hello)
        }
      } else if connection.hasRings {
        // All that came through the ring before it comes first; its place there says so.
        ringBudget -= readRing(of: connection, token, atMost: ringBudget)
        guard connection.awaitsSocket else {
          throw WireError("a frame came beside the ring, or more through it than it holds before one that did")
        }
        connection.socketFrameCame()
      }
      take(frame, from: token)
    }
    if connection.inbox.heldBytes > Self.unnoticedSize { limitInboxes() }
  }

  /// Many processes that each send a part of a large frame could take more than the sidecar has.
  private mutating func limitInboxes() {
    let held = connections.values.reduce(0) { $0 + $1.inbox.heldBytes }
    guard held > Self.inboxLimit,
      let (token, largest) = connections.max(by: { $0.value.inbox.heldBytes < $1.value.inbox.heldBytes })
    else { return }
    close(
      token,
      reason:
        "unfinished frames take \(held) bytes, more than \(Self.inboxLimit); its \(largest.inbox.heldBytes) are the most"
    )
  }

  /// Many processes that each ask and do not read the answers could as well.
  mutating func limitOutboxes() {
    let unsent = connections.values.reduce(0) { $0 + $1.outboxSize }
    guard unsent > WorkerConnection.outboxLimit,
      let (token, largest) = connections.max(by: { $0.value.outboxSize < $1.value.outboxSize })
    else { return }
    close(
      token,
      reason:
        "unsent frames take \(unsent) bytes, more than \(WorkerConnection.outboxLimit); it does not read its \(largest.outboxSize)"
    )
  }

  private mutating func connect(
    _ connection: WorkerConnection, _ token: UInt64, _ memory: OwnedDescriptor, _ hello: WorkerFrame.Hello
  ) throws {
    let bell = try connection.connect(ringMemory: memory, capacity: Int(hello.ringCapacity))
    try loop.events.register(bell.descriptor, .readable, token: token | 1)
    ringConnections.append((token, connection))
  }

  private mutating func take(_ frame: WorkerFrame, from token: UInt64) {
    let now = SidecarLoop.now()
    if let duration = handOver.clockRead(now.monotonic) { core.handedOver(in: duration) }
    handOver.frameRead(at: now.monotonic)
    core.workerFrame(frame, from: token, now: now)
    switch frame {
    case .finished(let finished) where finished.continues: break
    case .finished: tell(spinning.workerBecameIdle(token))
    case .hello(let hello) where hello.role == .worker: tell(spinning.workerBecameIdle(token))
    case .hello, .needSegment, .segmentMapped, .published, .workerEnded: break
    }
    perform()
  }

  mutating func flush(_ connection: WorkerConnection, _ token: UInt64) {
    guard !connection.isLost else { return }
    do {
      let hadUnsent = connection.hasUnsent
      try connection.flush()
      if connection.hasUnsent || hadUnsent {
        let interest: EventLoop.Interest = connection.hasUnsent ? [.readable, .writable] : .readable
        try loop.events.modify(connection.socket.descriptor, interest, token: token)
      }
    } catch {
      lose(connection, token, reason: "\(error)")
    }
  }

  /// Nothing can be sent to it any more. What it has sent before still counts.
  private mutating func lose(_ connection: WorkerConnection, _ token: UInt64, reason: String) {
    connection.isLost = true
    read(connection, token)
    if !connection.isClosed { _ = readRing(of: connection, token, atMost: Self.framesAtMost) }
    close(token, reason: reason, hasEnded: true)
  }

  /// - Parameter hasEnded: whether the process at the other end has closed it, most likely by its own end.
  mutating func close(_ token: UInt64, reason: String, hasEnded: Bool = false) {
    guard let connection = connections.removeValue(forKey: token) else { return }
    connection.isClosed = true
    loop.logger.info("an executor's connection closes: \(reason)")
    try? loop.events.remove(connection.socket.descriptor)
    if let bell = connection.bell { try? loop.events.remove(bell.descriptor) }
    ringConnections.removeAll { $0.token == token }
    tell(spinning.workerLeft(token))
    connection.socket.shutDown()
    connection.socket.discard()
    follow(gate.closed(token))
    core.workerGone(token, reason: "the executor died: \(reason)", hasEnded: hasEnded, now: SidecarLoop.now())
    perform()
  }

  func tell(_ change: SpinControl.Change) {
    if let revoked = change.revoked { connections[revoked]?.permitSpinning(false) }
    if let granted = change.granted { connections[granted]?.permitSpinning(true) }
  }
}
