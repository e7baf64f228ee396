import Dispatch
import Glibc
import SharedMemory
import Synchronization
import Wire

/// One connection of a worker to the sidecar. A thread of its own reads it, so that grants and cancellations arrive
/// while a handler runs, or blocks.
final class SidecarConnection: Sendable {
  /// What the worker's loop has to act on.
  enum Event: Sendable {
    case invoke(SidecarFrame.Invoke)
    case drain
    case closed(String)
  }

  let memory: WorkerMemory
  let events: AsyncStream<Event>
  private let continuation: AsyncStream<Event>.Continuation
  private let socket: UnixSocket
  private let sender: FrameSender
  private let running = Mutex(Running())

  /// What a cancellation finds. One may come before the loop has taken up its invocation.
  private struct Running {
    var attempt: Attempt?
    var task: Task<Void, any Error>?
    var cancelledEarly: UInt64?
    var isClosed = false
    var features: Features = []
  }

  /// What the sidecar understands, as its welcome has said.
  var features: Features { running.withLock { $0.features } }

  init(_ socket: UnixSocket) {
    self.socket = socket
    let sender = FrameSender(socket)
    memory = WorkerMemory { try sender.send($0) }
    self.sender = sender
    // A sidecar sends one invocation at a time, so that the bound is never met by a correct one.
    (events, continuation) = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .bufferingOldest(64))
  }

  func send(_ frame: WorkerFrame) throws { try sender.send(frame) }

  func startReading() {
    let queue = DispatchQueue(label: "pheromone.sidecar")
    queue.async { self.read() }
  }

  /// Runs a handler so that a cancellation finds it.
  func run(_ attempt: Attempt, _ body: @escaping @Sendable () async throws -> Void) async -> Result<Void, any Error> {
    let task = running.withLock { running in
      let task = Task { try await body() }
      running.attempt = attempt
      running.task = task
      if running.isClosed || running.cancelledEarly == attempt.invoke.invocation {
        attempt.cancel()
        task.cancel()
      }
      return task
    }
    let result = await task.result
    running.withLock { running in
      running.attempt = nil
      running.task = nil
    }
    return result
  }

  func close() {
    socket.shutDown()
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
    socket.shutDown()
    cancelRunning(nil)
    memory.close()
    endIfStuck()
    continuation.yield(.closed(reason))
    continuation.finish()
  }

  private func receive(_ frame: SidecarFrame, _ descriptors: inout [OwnedDescriptor]) throws {
    guard descriptors.count >= frame.descriptorCount else { throw WireError("a segment came without its descriptor") }
    switch frame {
    case .welcome(let welcome):
      guard ProtocolVersion.supports(welcome.version) else {
        throw WireError(
          "the sidecar speaks version \(welcome.version) and this program \(ProtocolVersion.current); rebuild it")
      }
      running.withLock { $0.features = welcome.features }
    case .refused(let reason): throw WireError("the sidecar refuses this worker: \(reason)")
    case .grant(let id, let size): try memory.granted(id, size: size, descriptor: descriptors.removeFirst())
    case .attach(let id, let size): try memory.attached(id, size: size, descriptor: descriptors.removeFirst())
    case .denied(let reason): memory.denied(reason)
    case .detach(let id): memory.detached(id)
    case .recycle(let id): memory.recycled(id)
    case .invoke(let invoke):
      if case .dropped = continuation.yield(.invoke(invoke)) {
        throw WireError("the sidecar sends more invocations than a worker takes")
      }
    case .cancel(let id): cancelRunning(id)
    case .drain: continuation.yield(.drain)
    case .kill: throw WireError("only a supervisor can be told to kill a worker")
    }
  }

  /// A handler that ignores its cancellation would keep this worker from the next sidecar, and its memory mapped.
  private func endIfStuck() {
    DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(10)) {
      guard let attempt = self.running.withLock({ $0.attempt }) else { return }
      Console.write("\(attempt.invoke.function) still runs 10 s after the sidecar has gone; the worker ends itself")
      exit(75)
    }
  }

  private func cancelRunning(_ id: UInt64?) {
    let (attempt, task) = running.withLock { running in
      if id == nil { running.isClosed = true }
      guard let attempt = running.attempt, id == nil || attempt.invoke.invocation == id else {
        running.cancelledEarly = id
        return (Attempt?.none, Task<Void, any Error>?.none)
      }
      return (attempt, running.task)
    }
    attempt?.cancel()
    task?.cancel()
  }
}
