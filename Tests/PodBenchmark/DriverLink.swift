import Dataflow
import Foundation
import SharedMemory
import Wire

/// The coordinator's end of a link, over a Unix socket. It blocks and never spins.
final class DriverLink {
  private let socket: UnixSocket
  private let outlet: Outlet
  private var inbox = FrameBuffer(sizeLimit: PodFrame.sizeLimit)
  private var outbox: [UInt8] = []
  /// How many sessions were started so far. They are numbered in this order, from one.
  private(set) var sessions = 0
  /// What the sidecar has reported last.
  private(set) var load = PodLoad()

  init(_ socket: UnixSocket) throws {
    self.socket = socket
    outlet = try Outlet(socket)
  }

  deinit { outlet.close() }

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
      return try DriverLink(connection)
    }
  }

  func register(_ plan: WorkflowPlan) throws {
    guard case .register = try next() else { throw BenchError("the sidecar did not register first") }
    try send(.registered(version: ProtocolVersion.current, features: .current, coordinator: "bench"))
    try send(.plan(revision: plan.revision, document: Array(try JSONEncoder().encode(plan))))
  }

  /// Waits until the sidecar reports what `isEnough` wants to see.
  func waitForLoad(_ isEnough: (PodLoad) -> Bool) throws {
    while !isEnough(load) { _ = try take(try next()) }
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
    try outlet.send(outbox)
    outbox.removeAll(keepingCapacity: true)
  }

  func start(_ function: String, _ payload: [UInt8]) throws {
    enqueue(function, payload)
    try flush()
  }

  /// The result of the session that ends next; acknowledges it with what is sent next.
  func nextResult() throws -> SessionResult {
    while true {
      if let result = try take(try next()) { return result }
    }
  }

  /// Sends what was started, and hands out results as soon as there are any; none when the time comes first.
  func results(until deadline: Int64) throws -> [SessionResult] {
    try flush()
    if try Readiness.isReadable(socket.descriptor, until: deadline) { try receive() }
    var results: [SessionResult] = []
    while let body = try inbox.next() {
      if let result = try take(try PodFrame(decoding: body)) { results.append(result) }
    }
    return results
  }

  /// The number of the session that a result is of.
  static func number(of result: SessionResult) -> Int { Int(result.session.dropFirst()) ?? 0 }

  private func take(_ frame: PodFrame) throws -> SessionResult? {
    switch frame {
    case .ended(let result):
      outbox += CoordinatorFrame.received(session: result.session).encoded()
      return result
    case .load(let load):
      self.load = load
      return nil
    case .refused(let session, let reason, _): throw BenchError("\(session) was refused: \(reason)")
    default: return nil
    }
  }

  private func send(_ frame: CoordinatorFrame) throws { try outlet.send(frame.encoded()) }

  private func next() throws -> PodFrame {
    while true {
      if let body = try inbox.next() { return try PodFrame(decoding: body) }
      try flush()
      try receive()
    }
  }

  private func receive() throws {
    guard case .data(let bytes, _) = try socket.receive() else { throw BenchError("the sidecar has gone") }
    inbox.append(bytes)
  }
}
