import Dispatch
import Glibc
import SharedMemory
import Synchronization
import Wire

/// One connection of a worker to the sidecar. A thread of its own reads the socket, so that grants and cancellations arrive
/// while a handler runs, or blocks.
final class SidecarConnection: Sendable {
  let memory: WorkerMemory
  /// What the worker's loop has to act on.
  let inlet = WorkInlet()
  private let socket: UnixSocket
  private let spinning: SpinSettings
  private let sender: FrameSender
  /// The worker's side of the rings, until the sidecar has answered.
  private let offer = Mutex<RingSide?>(nil)
  private let running = Mutex(Running())

  /// What a cancellation finds. One may come before the loop has taken up its invocation.
  private struct Running {
    var attempt: Attempt?
    /// The task that runs one handler after the other.
    var task: Task<Void, Never>?
    /// The task was cancelled, and must not run another handler.
    var isSpoiled = false
    var cancelledEarly: UInt64?
    var isClosed = false
    var features: Features = []
    var continuations: Continuations?
  }

  /// What the sidecar understands, as its welcome has said.
  var features: Features { running.withLock { $0.features } }

  /// What may be gone on with after an invocation that names this table, if the table has come.
  func continuations(_ number: UInt32) -> Continuations? {
    running.withLock { number != 0 && $0.continuations?.number == number ? $0.continuations : nil }
  }

  init(_ socket: UnixSocket, spinning: SpinSettings) {
    self.socket = socket
    self.spinning = spinning
    let sender = FrameSender(socket)
    memory = WorkerMemory { try sender.send($0) }
    self.sender = sender
  }

  /// Says who the worker is, offers a ring, and begins to read.
  func open(_ hello: WorkerFrame.Hello) throws {
    var hello = hello
    // Without memory for it the socket will do.
    if let side = try? RingSide(capacity: RingTransport.workerCapacity) {
      hello.ringCapacity = UInt32(side.capacity)
      let descriptor = side.descriptor
      var offered: RingSide? = side
      offer.withLock { $0 = offered.take() }
      try sender.send(.hello(hello), descriptor: descriptor)
    } else {
      try sender.send(.hello(hello))
    }
    DispatchQueue(label: "pheromone.sidecar").async { self.read() }
  }

  func send(_ frame: WorkerFrame) throws { try sender.send(frame) }

  /// Sends a frame if that takes no waiting; false if it would.
  func trySend(_ frame: WorkerFrame) throws -> Bool { try sender.trySend(frame) }

  /// Starts the task that runs handlers, so that a cancellation finds it.
  func startTask(_ body: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
    running.withLock { running in
      let task = Task { await body() }
      running.task = task
      running.isSpoiled = false
      return task
    }
  }

  /// Whether the task may go on to another handler.
  var mayGoOn: Bool { running.withLock { !$0.isSpoiled } }

  /// A handler is about to run in the current task.
  func began(_ attempt: Attempt) {
    let task = running.withLock { running in
      running.attempt = attempt
      guard running.isClosed || running.cancelledEarly == attempt.invoke.invocation else {
        return Task<Void, Never>?.none
      }
      running.isSpoiled = true
      return running.task
    }
    guard let task else { return }
    attempt.cancel()
    task.cancel()
  }

  func ended(_ attempt: Attempt) { running.withLock { $0.attempt = nil } }

  func close() {
    socket.shutDown()
    sender.close()
    memory.close()
  }

  private func read() {
    var frames = FrameBuffer(sizeLimit: SidecarFrame.sizeLimit)
    var descriptors: [OwnedDescriptor] = []
    var reason = "the sidecar has closed the connection"
    do {
      reading: while true {
        switch try socket.receive() {
        case .closed: break reading
        case .nothing: continue
        case .data(let bytes, let received):
          frames.append(bytes)
          descriptors += received
        }
        while let body = try frames.next() { try receive(SidecarFrame(decoding: body), &descriptors) }
      }
    } catch {
      reason = "\(error)"
    }
    close()
    cancelRunning(nil)
    endIfStuck()
    _ = inlet.leave(.closed(reason))
  }

  private func receive(_ frame: SidecarFrame, _ descriptors: inout [OwnedDescriptor]) throws {
    guard descriptors.count >= frame.descriptorCount else { throw WireError("a segment came without its descriptor") }
    switch frame {
    case .welcome(let welcome):
      guard ProtocolVersion.supports(welcome.version) else {
        throw WireError(
          "the sidecar speaks version \(welcome.version) and this program \(ProtocolVersion.current); rebuild it")
      }
      // First, as the ring may hold an invocation already.
      running.withLock { $0.features = welcome.features }
      if welcome.ringCapacity > 0 { try takeRing(descriptors.removeFirst(), bell: descriptors.removeFirst()) }
    case .refused(let reason): throw WireError("the sidecar refuses this worker: \(reason)")
    case .grant(let id, let size, let invocation):
      try memory.granted(id, size: size, descriptor: descriptors.removeFirst(), for: invocation)
    case .attach(let id, let size): try memory.attached(id, size: size, descriptor: descriptors.removeFirst())
    case .denied(let reason, let invocation): memory.denied(reason, for: invocation)
    case .detach(let id): memory.detached(id)
    case .recycle(let id, let invocation, let free): try memory.recycled(id, free: free, for: invocation)
    case .invoke(let invoke):
      if !inlet.leave(.invoke(invoke)) {
        throw WireError("the sidecar sends more invocations than a worker takes")
      }
    case .continuations(let table): running.withLock { $0.continuations = table }
    case .cancel(let id): cancelRunning(id)
    case .drain: _ = inlet.leave(.drain)
    case .kill: throw WireError("only a supervisor can be told to kill a worker")
    }
  }

  private func takeRing(_ memory: OwnedDescriptor, bell: OwnedDescriptor) throws {
    let peer = try RingPeer(adopting: memory)
    try offer.withLock { offer in
      guard let side = offer.take() else { throw WireError("the sidecar sends a ring that was not asked for") }
      var ends = side.connect(to: peer, doorbell: Doorbell(adopting: bell))
      ends.writer.spinPolicy = SpinPolicy(limits: spinning.limits)
      ends.reader.spinPolicy = SpinPolicy(limits: spinning.limits)
      ends.separate { writer, reader in
        sender.useRing(writer)
        self.memory.mayBeOvertaken()
        inlet.useRing(reader)
      }
    }
  }

  /// A handler that ignores its cancellation would keep this worker from the next sidecar, and its memory mapped.
  private func endIfStuck() {
    // Weakly, so that rings and socket go as soon as nobody uses them.
    DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(10)) { [weak self] in
      guard let attempt = self?.running.withLock({ $0.attempt }) else { return }
      Console.write("\(attempt.invoke.function) still runs 10 s after the sidecar has gone; the worker ends itself")
      exit(75)
    }
  }

  private func cancelRunning(_ id: UInt64?) {
    let (attempt, task) = running.withLock { running in
      if id == nil { running.isClosed = true }
      guard let attempt = running.attempt, id == nil || attempt.invoke.invocation == id else {
        running.cancelledEarly = id
        return (Attempt?.none, Task<Void, Never>?.none)
      }
      running.isSpoiled = true
      return (attempt, running.task)
    }
    attempt?.cancel()
    task?.cancel()
  }
}
