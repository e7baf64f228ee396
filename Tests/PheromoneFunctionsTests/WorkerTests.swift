import Dataflow
import SharedMemory
import Testing
import Wire

@testable import PheromoneFunctions

@Suite(.timeLimit(.minutes(1))) struct WorkerTests {
  private static let functions: [Function] = [
    Function("echo") { context in
      let input = try context.inputs.single
      try context.put("copy", in: "b", bytes: input)
      try context.output(input.text)
      try context.put(in: "b", text: "second")
      try context.expect(["copy"], in: "joined")
    },
    Function("fail") { context in
      try context.put("lost", in: "b", text: "lost")
      throw FunctionError("no good", isRetryable: false)
    },
    Function("odd") { _ in throw Odd() },
    Function("wait") { _ in
      // A stream that yields nothing ends only with the task.
      let nothing = AsyncStream<Void> { _ in }
      for await _ in nothing {}
      try Task.checkCancellation()
    },
    Function("big") { context in
      var loan = try context.create("big", in: "b", size: 100_000)
      try loan.write(Array("head".utf8))
      try loan.write(Array("tail".utf8), at: 99_996)
      try loan.put()
    },
    Function("twice") { context in
      try context.put("k", in: "b", text: "1")
      try context.put("k", in: "b", text: "2")
    },
    Function("empty") { context in try context.output("") },
  ]

  private struct Odd: Error {}

  /// Runs a worker against a double, and answers how the worker ended.
  private func drive(_ steps: @escaping @Sendable (SidecarDouble) throws -> Void) async throws -> Worker.Ending {
    let (ours, theirs) = try UnixSocket.pair()
    let configuration = try HostConfiguration(
      environment: ["PHEROMONE_SOCKET": "/nowhere", "PHEROMONE_CONTAINER": "c", "PHEROMONE_SLOT": "3"])
    let worker = Worker(configuration: configuration, functions: Self.functions)
    let serving = Task { await worker.serve(theirs).0 }
    await SidecarDouble.onItsThread {
      let double = try SidecarDouble(ours)
      defer { double.close() }
      let hello = try double.welcome()
      #expect(hello.slot == 3 && hello.container == "c" && hello.role == .worker && hello.functions.contains("echo"))
      try steps(double)
    }
    return await serving.value
  }

  @Test func aCommitCarriesEverythingInPlace() async throws {
    let ending = try await drive { sidecar in
      let input = try sidecar.attach(50, "hello world")
      try sidecar.invoke(1, "echo", [input])
      try sidecar.grant(7, size: 65536)
      let transaction = try sidecar.committed()
      #expect(transaction.puts.map(\.key) == ["copy", "f1-1"])
      #expect(try transaction.puts.map { try sidecar.text($0.location) } == ["hello world", "second"])
      #expect(transaction.announcements == [.init(bucket: "joined", keys: ["copy"])])
      #expect(try sidecar.text(try #require(transaction.outputs.first).location) == "hello world")
      #expect(transaction.puts.allSatisfy { $0.location.segment == 7 && $0.location.offset % 64 == 0 })
      // The next invocation goes on in the same arena and reads from the worker's own segment.
      let own = SidecarFrame.Input(bucket: "b", key: "copy", location: transaction.puts[0].location)
      try sidecar.invoke(2, "echo", [own])
      #expect(try sidecar.text(sidecar.committed().puts[0].location) == "hello world")
    }
    guard case .disconnected = ending else {
      Issue.record("\(ending)")
      return
    }
  }

  @Test func failuresSayWhetherToTryAgainAndLeaveNoTrace() async throws {
    _ = try await drive { sidecar in
      try sidecar.invoke(1, "fail")
      try sidecar.grant(7, size: 65536)
      #expect(try sidecar.finished().result == .failed(message: "no good", isRetryable: false))
      try sidecar.invoke(2, "odd")
      #expect(try sidecar.finished().result == .failed(message: "Odd()", isRetryable: true))
      try sidecar.invoke(3, "none")
      guard case .failed(let message, false) = try sidecar.finished().result else {
        Issue.record("not failed")
        return
      }
      #expect(message.contains("no function \"none\""))
      try sidecar.invoke(4, "twice")
      guard case .failed(_, false) = try sidecar.finished().result else {
        Issue.record("not failed")
        return
      }
      // What failed attempts wrote is written over.
      try sidecar.invoke(5, "echo", [try sidecar.attach(50, "x")])
      #expect(try sidecar.committed().puts[0].location.offset == 0)
    }
  }

  @Test func aCancelledHandlerEndsAtOnce() async throws {
    _ = try await drive { sidecar in
      try sidecar.invoke(1, "wait")
      try sidecar.send(.cancel(invocation: 1))
      guard case .failed(_, true) = try sidecar.finished().result else {
        Issue.record("not failed")
        return
      }
    }
  }

  @Test func aPutThatWaitsForMemoryCanBeCancelledAndALateGrantIsUsed() async throws {
    _ = try await drive { sidecar in
      try sidecar.invoke(1, "fail")
      guard case .needSegment = try sidecar.receive() else {
        Issue.record("no request")
        return
      }
      try sidecar.send(.cancel(invocation: 1))
      guard case .failed = try sidecar.finished().result else {
        Issue.record("not failed")
        return
      }
      let late = try MemorySegment.create(size: 65536)
      try sidecar.send(.grant(segment: 8, size: 65536), descriptor: late.descriptor)
      #expect(try sidecar.receive() == .segmentMapped(segment: 8))
      try sidecar.invoke(2, "echo", [try sidecar.attach(50, "x")])
      #expect(try sidecar.committed().puts[0].location == ObjectLocation(segment: 8, offset: 0, length: 1))
    }
  }

  @Test func bigObjectsGetTheirOwnSegmentAndDenialIsAnError() async throws {
    _ = try await drive { sidecar in
      try sidecar.invoke(1, "big")
      try sidecar.grant(7, size: 102_400)
      let location = try sidecar.committed().puts[0].location
      #expect(location == ObjectLocation(segment: 7, offset: 0, length: 100_000))
      #expect(try sidecar.text(location).hasPrefix("head"))
      #expect(try sidecar.text(location).hasSuffix("tail"))
      try sidecar.send(.detach(segment: 7))
      try sidecar.invoke(2, "big")
      guard case .needSegment(100_000, _) = try sidecar.receive() else {
        Issue.record("no request")
        return
      }
      try sidecar.send(.denied(reason: "raise spec.sharedMemory"))
      #expect(try sidecar.finished().result == .failed(message: "raise spec.sharedMemory", isRetryable: false))
    }
  }

  @Test func aRecycledArenaIsWrittenFromItsBeginning() async throws {
    _ = try await drive { sidecar in
      let input = try sidecar.attach(50, String(repeating: "x", count: 16384))
      try sidecar.invoke(1, "echo", [input])
      try sidecar.grant(7, size: 65536)
      _ = try sidecar.committed()
      try sidecar.invoke(2, "echo", [input])
      // Three quarters and two small objects are taken: the fourth quarter finds no room.
      guard case .needSegment = try sidecar.receive() else {
        Issue.record("the arena should be full")
        return
      }
      try sidecar.send(.recycle(segment: 7))
      let transaction = try sidecar.committed()
      #expect(transaction.outputs[0].location.offset == 0)
    }
  }

  @Test func emptyObjectsNeedNoMemory() async throws {
    _ = try await drive { sidecar in
      try sidecar.invoke(1, "empty")
      #expect(try sidecar.committed().outputs[0].location == ObjectLocation(segment: 0, offset: 0, length: 0))
    }
  }

  @Test func whoIsToDrainBeforeItHasConnectedEndsAtOnce() async throws {
    let (ours, theirs) = try UnixSocket.pair()
    let configuration = try HostConfiguration(environment: ["PHEROMONE_SOCKET": "/nowhere", "PHEROMONE_SLOT": "0"])
    let worker = Worker(configuration: configuration, functions: [])
    worker.drain()
    let (ending, served) = await worker.serve(theirs)
    #expect(ending == .drained && served == 0)
    guard case .closed = try ours.receive() else {
      Issue.record("the connection is open")
      return
    }
  }

  @Test func howLongAWorkerSpinsIsTuned() throws {
    let variables = ["PHEROMONE_SOCKET": "/nowhere", "PHEROMONE_SPIN_CEILING": "9"]
    #expect(try HostConfiguration(environment: variables).spinning.limits.ceiling == 9000)
    #expect(throws: SpinSettings.Problem.self) {
      try HostConfiguration(environment: variables.merging(["PHEROMONE_SPIN_FLOOR": "10"]) { $1 })
    }
  }

  @Test func drainEndsAfterWhatRuns() async throws {
    let ending = try await drive { sidecar in
      try sidecar.send(.drain)
      #expect(try sidecar.receive() == nil)
    }
    #expect(ending == .drained)
  }

  @Test func anInputOutsideItsSegmentFailsTheAttempt() async throws {
    _ = try await drive { sidecar in
      var input = try sidecar.attach(50, "x")
      input.location.offset = 65536
      try sidecar.invoke(1, "echo", [input])
      guard case .failed = try sidecar.finished().result else {
        Issue.record("not failed")
        return
      }
    }
  }

  @Test func aWorkerConnectsAgainWhenItsSidecarDies() async throws {
    let path = "/tmp/pheromone-worker-\(UInt64.random(in: 0 ... .max)).sock"
    let listener = try UnixSocket.listen(path: path)
    let configuration = try HostConfiguration(environment: ["PHEROMONE_SOCKET": path, "PHEROMONE_SLOT": "0"])
    let worker = Worker(configuration: configuration, functions: Self.functions)
    let running = Task { await worker.run() }
    await SidecarDouble.onItsThread {
      let loop = try EventLoop()
      try loop.register(listener.descriptor, .readable, token: 1)
      for _ in 1...2 {
        #expect(try loop.wait(timeout: .seconds(10)).count == 1)
        let sidecar = try SidecarDouble(try #require(try listener.accept()))
        _ = try sidecar.welcome()
        try sidecar.invoke(1, "wait")
        sidecar.close()
      }
      #expect(try loop.wait(timeout: .seconds(10)).count == 1)
      let last = try SidecarDouble(try #require(try listener.accept()))
      _ = try last.welcome()
      try last.send(.drain)
    }
    worker.drain()
    await running.value
  }
}
