import Dataflow
import Foundation
import SharedMemory
import Wire

/// The coordinator's end of a link, over a Unix socket. It blocks and never spins.
final class DriverLink {
  private let socket: UnixSocket
  private var inbox = FrameBuffer(sizeLimit: PodFrame.sizeLimit)
  private var sessions = 0
  private var outbox: [UInt8] = []

  init(_ socket: UnixSocket) { self.socket = socket }

  struct Listener {
    private let socket: UnixSocket
    private let loop: EventLoop

    init(path: String) throws {
      socket = try UnixSocket.listen(path: path)
      loop = try EventLoop()
      try loop.register(socket.descriptor, .readable, token: 1)
    }

    func accept() throws -> DriverLink {
      _ = try loop.wait(timeout: .seconds(30))
      guard let connection = try socket.accept() else { throw BenchError("the sidecar did not dial within 30 s") }
      try connection.setNonBlocking(false)
      return DriverLink(connection)
    }
  }

  func register() throws {
    guard case .register = try next() else { throw BenchError("the sidecar did not register first") }
    try send(.registered(version: ProtocolVersion.current, features: .current, coordinator: "bench"))
    let plan = try JSONEncoder().encode(BenchPlan.plan)
    try send(.plan(revision: BenchPlan.plan.revision, document: Array(plan)))
  }

  func waitUntilReady(executors: Int) throws {
    while true {
      guard case .load(let load) = try next() else { continue }
      if load.missingFunctions.isEmpty, load.executors >= UInt32(executors) { return }
    }
  }

  /// Starts a session; `flush` sends what was started.
  func enqueue(_ function: String, _ payload: [UInt8]) {
    sessions += 1
    outbox += CoordinatorFrame.start(
      .init(session: "s\(sessions)", origin: .invoke(function: function), payload: payload, requestHash: "")
    ).encoded()
  }

  func flush() throws {
    guard !outbox.isEmpty else { return }
    try socket.sendAll(outbox)
    outbox.removeAll(keepingCapacity: true)
  }

  func start(_ function: String, _ payload: [UInt8]) throws {
    enqueue(function, payload)
    try flush()
  }

  /// The result of the session that ends next; acknowledges it with what is sent next.
  func nextResult() throws -> SessionResult {
    while true {
      switch try next() {
      case .ended(let result):
        outbox += CoordinatorFrame.received(session: result.session).encoded()
        return result
      case .refused(let session, let reason, _): throw BenchError("\(session) was refused: \(reason)")
      default: continue
      }
    }
  }

  private func send(_ frame: CoordinatorFrame) throws { try socket.sendAll(frame.encoded()) }

  private func next() throws -> PodFrame {
    while true {
      if let body = try inbox.next() { return try PodFrame(decoding: body) }
      try flush()
      guard case .data(let bytes, _) = try socket.receive() else { throw BenchError("the sidecar has gone") }
      inbox.append(bytes)
    }
  }
}
