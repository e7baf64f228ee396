import Dataflow
import Dispatch
import ExecutorPod
import Glibc
import ObjectStore
import SharedMemory
import Testing
import Wire

@testable import PheromoneFunctions
@testable import Sidecar

/// Workers that do with their rings what none that keeps to the rules does. Each is cut off, and the others go on.
@Suite(.timeLimit(.minutes(1))) struct HostileWorkerTests {
  private static let leaf = Function("leaf") { try $0.output($0.inputs.single) }

  /// The sidecar closes the connection, and a sound worker still runs sessions.
  private func isCutOff(_ misbehave: (RawWorker) throws -> Void) async throws {
    try await LoopUnderTest.with { test in
      let raw = try RawWorker(test.path, functions: ["block"])
      try misbehave(raw)
      try raw.waitForEnd()
      _ = try test.addWorker([Self.leaf])
      test.start("s", "leaf", [1, 2])
      #expect(await test.results(1)["s"]?.outputs.first?.bytes == [1, 2])
      let executors = try await test.state { $0.executors.count }
      #expect(executors == 1)
    }
  }

  @Test(arguments: [[255], [0, 0, 0], [4], Array(repeating: 7, count: 5000)] as [[UInt8]])
  func `what is no frame ends the connection`(bytes: [UInt8]) async throws {
    try await isCutOff { try $0.write(bytes) }
  }

  @Test func `a frame of the socket that has no place in the ring ends the connection`() async throws {
    try await isCutOff { try $0.socket.sendAll(WorkerFrame.needSegment(bytes: 1).encoded()) }
  }

  @Test func `a second hello ends the connection`() async throws {
    try await isCutOff { try $0.write(.hello(.init(role: .worker, container: "raw", slot: 0, functions: ["leaf"]))) }
  }

  @Test func `a report of what was not given ends the connection`() async throws {
    try await isCutOff { try $0.write(.finished(.init(invocation: 77, result: .committed(Transaction())))) }
  }

  /// Others would be given what is at that place of no segment.
  @Test(arguments: [
    ObjectLocation(segment: 1, offset: 1 << 60, length: 1 << 60), ObjectLocation(segment: 0, offset: .max, length: 0),
  ])
  func `objects in memory that is not its own end the connection`(location: ObjectLocation) async throws {
    try await LoopUnderTest.with { test in
      let raw = try RawWorker(test.path, functions: ["leaf"])
      test.start("s", "leaf", [1, 2])
      let invoke = try raw.nextInvocation()
      let output = Transaction.Output(name: "", location: location)
      try raw.write(
        .finished(.init(invocation: invoke.invocation, result: .committed(Transaction(outputs: [output])))))
      try raw.waitForEnd()
      // The attempt is made again by another, and the session ends well.
      _ = try test.addWorker([Self.leaf])
      #expect(await test.results(1)["s"]?.outputs.first?.bytes == [1, 2])
    }
  }

  @Test func `memory that is still being made cannot be mapped`() async throws {
    try await LoopUnderTest.with { test in
      let raw = try RawWorker(test.path)
      test.start("s", "leaf", [1, 2])
      let invoke = try raw.nextInvocation()
      try raw.write(.needSegment(bytes: 30 << 20, invocation: invoke.invocation))
      // The payload lies in the first segment, so that this is the one it will be given.
      try raw.write(.segmentMapped(segment: 2))
      try raw.waitForEnd()
      _ = try test.addWorker([Self.leaf])
      #expect(await test.results(1)["s"]?.outputs.first?.bytes == [1, 2])
    }
  }

  @Test func `who runs nothing is given no memory`() async throws {
    try await LoopUnderTest.with { test in
      let raw = try RawWorker(test.path)
      try raw.write(.needSegment(bytes: 1 << 20, invocation: 9))
      guard case .denied(_, 9) = try raw.receive() else {
        Issue.record("it was not denied")
        return
      }
      let segments = try await test.state { $0.ledger.segmentCount }
      #expect(segments == 0)
    }
  }

  @Test func `a supervisor says hello once`() async throws {
    try await LoopUnderTest.with { test in
      let socket = try UnixSocket.connect(path: test.path)
      for container in ["a", "b"] {
        try socket.sendAll(
          WorkerFrame.hello(.init(role: .supervisor, container: container, slot: 1, functions: [])).encoded())
      }
      while case .data = try socket.receive() {}
      let supervisors = try await test.state { $0.supervisors }
      #expect(supervisors.isEmpty)
    }
  }

  /// Whoever closes the last descriptor of a socket that lingers waits for its peer.
  @Test(arguments: [0, 70_000]) func `descriptors that linger hold up nobody`(bytesBefore: Int) async throws {
    try await LoopUnderTest.with { test in
      let (lingering, peer) = try #require(LingeringSocket.make())
      let socket = try UnixSocket.connect(path: test.path)
      // The loop stands still until its copy is the only one.
      let isSent = DispatchSemaphore(value: 0)
      test.loop.post(.inspect { _ in isSent.wait() })
      // A length that no frame has ends the connection, before the descriptor is read or with it.
      try socket.sendAll([UInt8](repeating: 255, count: bytesBefore))
      try socket.sendAll([255, 255, 255, 255], descriptor: lingering)
      close(lingering)
      isSent.signal()
      _ = try test.addWorker([Self.leaf])
      test.start("s", "leaf", [1, 2])
      #expect(await test.results(1)["s"]?.outputs.first?.bytes == [1, 2])
      withExtendedLifetime(peer) {}
    }
  }

  @Test func `a report counts that was in the ring when its worker died`() async throws {
    try await LoopUnderTest.with { test in
      let raw = try RawWorker(test.path)
      test.start("s", "leaf", [1, 2])
      let invoke = try raw.nextInvocation()
      try raw.write(.finished(.init(invocation: invoke.invocation, result: .committed(Transaction()))))
      raw.socket.shutDown()
      #expect(await test.results(1)["s"]?.state == .succeeded)
    }
  }

  @Test func `a ring that is too large is refused`() async throws {
    try await LoopUnderTest.with { test in
      #expect(throws: (any Error).self) { try RawWorker(test.path, ringCapacity: 1 << 20) }
      let hasNoExecutor = try await test.state { $0.executors.isEmpty }
      #expect(hasNoExecutor)
    }
  }

  @Test func `a worker without rings is served through its socket`() async throws {
    try await LoopUnderTest.with { test in
      let raw = try RawWorker(test.path, ringCapacity: nil)
      test.start("s", "leaf", [1, 2])
      while let frame = try raw.receive() {
        guard case .invoke(let invoke) = frame else { continue }
        let finished = WorkerFrame.Finished(invocation: invoke.invocation, result: .committed(Transaction()))
        try raw.socket.sendAll(WorkerFrame.finished(finished).encoded())
        break
      }
      #expect(await test.results(1)["s"]?.state == .succeeded)
    }
  }

  @Test func `unfinished frames do not take the sidecar's memory`() async throws {
    try await LoopUnderTest.with { test in
      // Each says that 15 MiB will come, and sends a part of it.
      let piece = [UInt8](repeating: 1, count: 4 << 20)
      var greedy: [UnixSocket] = []
      for slot in UInt16(0)..<20 {
        let socket = try UnixSocket.connect(path: test.path)
        let hello = WorkerFrame.Hello(role: .supervisor, container: "c\(slot)", slot: 1, functions: [])
        try socket.sendAll(WorkerFrame.hello(hello).encoded())
        let length: [UInt8] = [0, 0, 0xf0, 0]
        try socket.sendAll(length)
        greedy.append(socket)
        do { try socket.sendAll(piece) } catch { break }
      }
      _ = try test.addWorker([Self.leaf])
      test.start("s", "leaf", [9])
      #expect(await test.results(1)["s"]?.outputs.first?.bytes == [9])
      let isClosed = greedy.contains { socket in
        (try? socket.setNonBlocking()) == nil || Self.isAtEnd(socket)
      }
      #expect(isClosed)
    }
  }

  private static func isAtEnd(_ socket: UnixSocket) -> Bool {
    while true {
      switch try? socket.receive() {
      case .data: continue
      case .closed: return true
      case .nothing, nil: return false
      }
    }
  }

  @Test(arguments: [10_000, 257]) func `a hello is short`(count: Int) async throws {
    try await LoopUnderTest.with { test in
      let socket = try UnixSocket.connect(path: test.path)
      let names = (0..<count).map { "function-\($0)" }
      try socket.sendAll(
        WorkerFrame.hello(.init(role: .worker, container: "c", slot: 0, functions: names)).encoded())
      var isClosed = false
      while !isClosed { if case .closed = try socket.receive() { isClosed = true } }
      let hasNoExecutor = try await test.state { $0.executors.isEmpty }
      #expect(hasNoExecutor)
    }
  }

  /// It keeps to the protocol otherwise: each of its frames is answered, and it reads the answers.
  @Test func `who writes into ring and socket without end is gone in the end, and others are served`() async throws {
    try await LoopUnderTest.with { test in
      let flood = try RawWorker(test.path)
      let ended = DispatchSemaphore(value: 0)
      let (cutOff, isCutOff) = AsyncStream.makeStream(of: Void.self)
      DispatchQueue(label: "answers").async {
        try? flood.waitForEnd()
        isCutOff.finish()
      }
      let word = WorkerFrame.needSegment(bytes: 1, invocation: 1)
      DispatchQueue(label: "flood").async {
        // The ring is full before the first frame comes beside it.
        while (try? flood.fill(word, frames: 5000)) == true {
          try? flood.socket.sendAll(Array(repeating: word.encoded(), count: 100).flatMap(\.self))
        }
        ended.signal()
      }
      for await _ in cutOff {}
      ended.wait()
      _ = try test.addWorker(slot: 1, [Self.leaf])
      test.start("s", "leaf", [1, 2])
      #expect(await test.results(1)["s"]?.outputs.first?.bytes == [1, 2])
    }
  }

  @Test func `a supervisor gets no ring`() async throws {
    try await LoopUnderTest.with { test in
      let socket = try UnixSocket.connect(path: test.path)
      let side = try RingSide(capacity: RingTransport.workerCapacity)
      let hello = WorkerFrame.Hello(
        role: .supervisor, container: "c", slot: 0, functions: [], ringCapacity: UInt32(side.capacity))
      try socket.sendAll(WorkerFrame.hello(hello).encoded(), descriptor: side.descriptor)
      var frames = FrameBuffer(sizeLimit: SidecarFrame.sizeLimit)
      var body: [UInt8]?
      while body == nil, case .data(let bytes, _) = try socket.receive() {
        frames.append(bytes)
        body = try frames.next()
      }
      guard case .welcome(let welcome) = try SidecarFrame(decoding: #require(body)) else {
        Issue.record("no welcome")
        return
      }
      #expect(welcome.ringCapacity == 0)
    }
  }
}
