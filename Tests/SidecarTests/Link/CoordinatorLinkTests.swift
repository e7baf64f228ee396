import Dataflow
import Foundation
import Logging
import SharedMemory
import Testing
import Wire

@testable import PheromoneFunctions
@testable import Sidecar

/// The link's own end of a real connection.
@Suite(.timeLimit(.minutes(1))) struct CoordinatorLinkTests {
  /// A coordinator that does as it is told.
  private struct Peer {
    private let socket: UnixSocket
    private var inbox = FrameBuffer(sizeLimit: PodFrame.sizeLimit)

    init(accepting listener: UnixSocket) throws {
      let loop = try EventLoop()
      try loop.register(listener.descriptor, .readable, token: 1)
      _ = try loop.wait(timeout: .seconds(30))
      socket = try #require(try listener.accept())
      try socket.setNonBlocking(false)
    }

    func send(_ frame: CoordinatorFrame) throws { try socket.sendAll(frame.encoded()) }

    func close() { socket.shutDown() }

    /// The next frame but those about load.
    mutating func next() throws -> PodFrame? {
      while true {
        while let body = try inbox.next() {
          let frame = try PodFrame(decoding: body)
          if case .load = frame { continue }
          return frame
        }
        guard case .data(let bytes, _) = try socket.receive() else { return nil }
        inbox.append(bytes)
      }
    }
  }

  /// The body blocks, so that it gets a thread of its own.
  private static func with(_ body: @escaping @Sendable (LoopUnderTest, UnixSocket) throws -> Void) async throws {
    try await LoopUnderTest.with { test in
      let path = test.folder.appending(path: "coordinator").path
      let listener = try UnixSocket.listen(path: path)
      let link = CoordinatorLink(
        address: .socket(path: path), loop: test.loop, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      let running = Task { try await link.run() }
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        DispatchQueue(label: "peer").async { continuation.resume(with: Result { try body(test, listener) }) }
      }
      running.cancel()
      _ = await running.result
    }
  }

  @Test func `it greets, carries sessions to and fro, and dials again`() async throws {
    try await Self.with { test, listener in
      _ = try test.addWorker([Function("leaf") { try $0.output($0.inputs.single) }])
      var first = try Peer(accepting: listener)
      guard case .register(let registration) = try first.next() else {
        Issue.record("no registration came first")
        return
      }
      #expect(registration.podName == "p")
      try first.send(.registered(version: ProtocolVersion.current, features: .current, coordinator: "c"))
      let payload = [UInt8](repeating: 7, count: 3_000_000)
      try first.send(
        .start(.init(session: "s", origin: .invoke(function: "leaf"), payload: payload, requestHash: "")))
      #expect(try first.next() == .stored(session: "s"))
      guard case .ended(let result) = try first.next() else {
        Issue.record("no result")
        return
      }
      #expect(result.outputs.first?.bytes == payload)
      first.close()
      var second = try Peer(accepting: listener)
      guard case .register(let again) = try second.next() else {
        Issue.record("no registration came again")
        return
      }
      #expect(again.sessions.map(\.session) == ["s"])
      second.close()
    }
  }

  @Test func `a plan that cannot be read is passed over, and frames that are none end the connection`() async throws {
    try await Self.with { _, listener in
      var peer = try Peer(accepting: listener)
      _ = try peer.next()
      try peer.send(.plan(revision: "r", document: [1, 2]))
      try peer.send(.ping)
      #expect(try peer.next() == .pong)
      try peer.send(.redirect(address: "nowhere"))
      while try peer.next() != nil {}
      var next = try Peer(accepting: listener)
      guard case .register = try next.next() else {
        Issue.record("it did not come back")
        return
      }
    }
  }
}
