import SharedMemory
import Wire

/// The host's first process: keeps one worker process for each executor, and obeys the sidecar's `kill` and `drain`.
final class Supervisor {
  private struct Slot {
    var process: Int32?
    var startedAt: ContinuousClock.Instant
    var startAt: ContinuousClock.Instant
    var policy = RestartPolicy()
  }

  private static let socketToken: UInt64 = 1

  private let configuration: HostConfiguration
  private let loop: EventLoop
  private let clock = ContinuousClock()
  private var slots: [Slot] = []
  private var isDraining = false
  private var socket: UnixSocket?
  /// What the sidecar at the other end understands, once it has said so.
  private var features: Features = []
  private var frames = FrameBuffer(sizeLimit: SidecarFrame.sizeLimit)
  private var connectAt: ContinuousClock.Instant
  private var connectFailures = 0

  init(configuration: HostConfiguration) throws {
    self.configuration = configuration
    loop = try EventLoop()
    connectAt = clock.now
    let now = clock.now
    slots = Array(repeating: Slot(process: nil, startedAt: now, startAt: now), count: configuration.executors)
  }

  /// Runs until drained. Answers the exit code.
  func run() throws -> Int32 {
    try loop.wakeOnSignals()
    while true {
      try buryTheDead()
      if OwnProcess.isTerminationRequested { drain() }
      if isDraining, slots.allSatisfy({ $0.process == nil }) { return 0 }
      startWhatIsDue()
      connectWhenDue()
      for event in try loop.wait(timeout: nextDue()) where event.token == Self.socketToken { receive() }
    }
  }

  private func drain() {
    guard !isDraining else { return }
    isDraining = true
    for process in slots.compactMap(\.process) { OwnProcess.terminate(process) }
  }

  private func startWhatIsDue() {
    let now = clock.now
    for index in slots.indices where !isDraining && slots[index].process == nil && slots[index].startAt <= now {
      slots[index].startedAt = now
      do {
        slots[index].process = try OwnProcess.spawn(adding: "PHEROMONE_SLOT=\(index)@\(OwnProcess.identifier)")
      } catch {
        slots[index].startAt = now + .seconds(1)
        Console.write("worker \(index): \(error); trying again in a second")
      }
    }
  }

  private func buryTheDead() throws {
    while let ended = try OwnProcess.takeEndedChild() {
      guard let index = slots.firstIndex(where: { $0.process == ended.process }) else { continue }
      let now = clock.now
      let delay = slots[index].policy.delay(afterLife: now - slots[index].startedAt)
      slots[index].process = nil
      slots[index].startAt = now + delay
      tell(ended)
      guard !isDraining else { continue }
      let how = ended.isSignal ? "was ended by signal \(ended.number)" : "exited with code \(ended.number)"
      Console.write("worker \(index) \(how); starting another" + (delay > .zero ? " in \(delay)" : ""))
    }
  }

  /// The sidecar sees only that the worker's connection has closed.
  private func tell(_ ended: OwnProcess.Ended) {
    guard let socket, features.contains(.endings) else { return }
    let ending = WorkerEnding(process: UInt32(ended.process), isSignal: ended.isSignal, number: ended.number)
    let bytes = WorkerFrame.workerEnded(ending).encoded()
    do {
      // A few bytes now and then: a sidecar that leaves them lying reads nothing any more.
      guard try socket.send(bytes[...]) == bytes.count else { throw WireError("the sidecar does not read") }
    } catch {
      connectionFailed("\(error)")
    }
  }

  /// When there is something to do without an event; nil for never.
  private func nextDue() -> Duration? {
    var due = isDraining ? [] : slots.filter { $0.process == nil }.map(\.startAt)
    if socket == nil, !isDraining { due.append(connectAt) }
    return due.min().map { max($0 - clock.now, .zero) }
  }

  private func connectWhenDue() {
    guard socket == nil, !isDraining, connectAt <= clock.now else { return }
    do {
      let socket = try UnixSocket.connect(path: configuration.socket)
      let hello = WorkerFrame.Hello(
        role: .supervisor, container: configuration.container, slot: UInt16(clamping: configuration.executors),
        functions: [])
      try socket.sendAll(WorkerFrame.hello(hello).encoded())
      try socket.setNonBlocking()
      try loop.register(socket.descriptor, .readable, token: Self.socketToken)
      frames = FrameBuffer(sizeLimit: SidecarFrame.sizeLimit)
      self.socket = socket
    } catch {
      connectionFailed("\(error)")
    }
  }

  private func receive() {
    guard let socket else { return }
    do {
      switch try socket.receive() {
      case .nothing: return
      case .closed: connectionFailed("the sidecar has closed the connection")
      case .data(let bytes, _):
        frames.append(bytes)
        while let body = try frames.next() { try obey(SidecarFrame(decoding: body)) }
      }
    } catch {
      connectionFailed("\(error)")
    }
  }

  private func obey(_ frame: SidecarFrame) throws {
    switch frame {
    case .welcome(let welcome):
      connectFailures = 0
      features = welcome.features
    case .refused(let reason): throw WireError("the sidecar refuses this program: \(reason)")
    case .drain: drain()
    case .kill(let slot, let reason):
      guard slots.indices.contains(Int(slot)), let process = slots[Int(slot)].process else { return }
      Console.write("worker \(slot) is ended: \(reason)")
      OwnProcess.kill(process)
    default: throw WireError("a supervisor was sent a worker's frame")
    }
  }

  private func connectionFailed(_ reason: String) {
    if let socket { try? loop.remove(socket.descriptor) }
    socket = nil
    features = []
    connectFailures += 1
    connectAt = clock.now + Backoff.delay(afterFailures: connectFailures)
    if connectFailures & (connectFailures - 1) == 0 { Console.write("supervisor: \(reason); connecting again") }
  }
}
