import ExecutorPod
import ObjectStore
import SharedMemory
import Synchronization
import Testing
import Wire

@testable import PheromoneFunctions
@testable import Sidecar

/// Real workers on a real loop, through rings.
@Suite(.timeLimit(.minutes(1))) struct RingWorkerTests {
  private static let functions: [Function] = [
    Function("again") { context in
      let left = try #require(UInt16(context.inputs.single.text))
      if left == 0 { try context.output("done") } else { try context.call("again", text: "\(left - 1)") }
    },
    Function("hop") { context in
      let left = try #require(UInt16(context.inputs.single.text))
      if left == 0 { try context.output("done") } else { try context.put(in: "hops", text: "\(left - 1)") }
    },
    Function("fan") { context in
      let count = try #require(Int(context.inputs.single.text))
      // Long keys, so that both the report and the join's inputs are longer than what a ring takes.
      let keys = (0..<count).map { "\($0)-" + String(repeating: "k", count: 100) }
      for key in keys { try context.put(key, in: "leaves", text: "x") }
      try context.expect(keys, in: "leaves")
    },
    Function("join") { context in try context.output("\(context.inputs.count)") },
    Function("large") { context in
      let size = try #require(Int(context.inputs.single.text))
      try context.output([UInt8](repeating: 65, count: size))
    },
    Function("leaf") { context in try context.output(context.inputs.single) },
    Function("block") { context in
      let nothing = AsyncStream<Void> { _ in }
      for await _ in nothing {}
      try Task.checkCancellation()
      try context.output("not cancelled")
    },
  ]

  private static func text(_ result: SessionResult?) throws -> String {
    let result = try #require(result)
    let bytes = result.outputs.first?.bytes ?? []
    return result.state == .succeeded ? String(decoding: bytes, as: UTF8.self) : "\(result.state): \(result.message)"
  }

  @Test func `a chain runs through rings`() async throws {
    try await LoopUnderTest.with { test in
      _ = try test.addWorker(Self.functions)
      test.start("s", "again", Array("1000".utf8))
      #expect(try Self.text(await test.results(1)["s"]) == "done")
      let objects = try await test.state { $0.ledger.objectCount }
      #expect(objects == 1)
    }
  }

  @Test func `a worker goes on by itself, and the sidecar sees every step`() async throws {
    try await LoopUnderTest.with { test in
      _ = try test.addWorker(Self.functions)
      for round in 0..<5 {
        test.start("s\(round)", "hop", Array("1000".utf8))
        #expect(try Self.text(await test.results(1)["s\(round)"]) == "done")
      }
      let (invocations, continued) = try await test.state { ($0.totals.invocations, $0.totals.continued) }
      #expect(invocations == 5005)
      #expect(continued > 1000)
    }
  }

  @Test func `sessions that go on by themselves share a worker, and can be cancelled`() async throws {
    try await LoopUnderTest.with { test in
      for slot in 0..<2 { _ = try test.addWorker(slot: slot, Self.functions) }
      for number in 0..<40 { test.start("s\(number)", "hop", Array("2000".utf8)) }
      for number in 0..<10 { test.loop.post(.frame(.cancel(session: "s\(number)"))) }
      let results = await test.results(40)
      for number in 10..<40 { #expect(try Self.text(results["s\(number)"]) == "done") }
      #expect((0..<10).allSatisfy { [.cancelled, .succeeded].contains(results["s\($0)"]?.state) })
      // What was called back is reported, and then nothing of it is left.
      while try await test.state({ !$0.attempts.isEmpty }) {}
      let objects = try await test.state { $0.ledger.objectCount }
      #expect(objects == results.values.count { $0.state == .succeeded })
    }
  }

  @Test(arguments: [1, 50, 400, 3000])
  func `frames of any length arrive`(count: Int) async throws {
    try await LoopUnderTest.with { test in
      _ = try test.addWorker(Self.functions)
      _ = try test.addWorker(slot: 1, Self.functions)
      test.start("s", "fan", Array("\(count)".utf8))
      #expect(try Self.text(await test.results(1)["s"]) == "\(count)")
    }
  }

  @Test func `many sessions on several workers all end`() async throws {
    try await LoopUnderTest.with { test in
      for slot in 0..<3 { _ = try test.addWorker(slot: slot, Self.functions) }
      for number in 0..<200 { test.start("s\(number)", number % 2 == 0 ? "fan" : "leaf", Array("7".utf8)) }
      let results = await test.results(200)
      #expect(try results.values.allSatisfy { try Self.text($0) == "7" })
    }
  }

  @Test func `memory for large objects is made beside the loop, and used again`() async throws {
    try await LoopUnderTest.with { test in
      _ = try test.addWorker(Self.functions)
      for round in 0..<4 {
        test.start("s\(round)", "large", Array("9000000".utf8))
        #expect(try Self.text(await test.results(1)["s\(round)"]).utf8.count == 9_000_000)
      }
      // It was never needed at two places: the result is on its way, and what it lay in is the session's until forgotten.
      let segments = try await test.state { $0.ledger.segmentCount }
      #expect(segments <= 5)
    }
  }

  @Test func `payloads of any size come from a thread beside the loop, in their order`() async throws {
    try await LoopUnderTest.with { test in
      _ = try test.addWorker(Self.functions)
      for (number, size) in [0, 1, 70_000, 5_000_000, 300, 20_000_000].enumerated() {
        let payload = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ number) }
        test.start("s\(number)", "leaf", payload)
        test.start("t\(number)", "leaf", [UInt8(number)])
        let results = await test.results(2)
        let isWhole = results["s\(number)"]?.outputs.first?.bytes == payload
        #expect(isWhole, "\(size) bytes")
        #expect(results["t\(number)"]?.outputs.first?.bytes == [UInt8(number)])
      }
    }
  }

  @Test func `without rings an invocation comes after the memory of its inputs`() async throws {
    try await LoopUnderTest.with { test in
      let raw = try RawWorker(test.path, ringCapacity: nil)
      test.start("s", "leaf", [UInt8](repeating: 5, count: 10_000_000))
      var attached: Set<UInt32> = []
      while let frame = try raw.receive() {
        if case .attach(let segment, _) = frame { attached.insert(segment) }
        guard case .invoke(let invoke) = frame else { continue }
        #expect(invoke.inputs.allSatisfy { attached.contains($0.location.segment) })
        break
      }
      #expect(attached.count == 1)
    }
  }

  @Test func `who dies while memory is made for it leaves none behind`() async throws {
    try await LoopUnderTest.with { test in
      let raw = try RawWorker(test.path)
      test.start("s", "leaf", [1, 2])
      _ = try raw.nextInvocation()
      try raw.write(.needSegment(bytes: 30 << 20))
      raw.socket.shutDown()
      _ = try test.addWorker(Self.functions)
      #expect(await test.results(1)["s"]?.outputs.first?.bytes == [1, 2])
      // What the payload and the output lie in.
      let used = try await test.state { $0.ledger.used }
      #expect(used < 30 << 20)
    }
  }

  @Test func `a cancellation reaches a handler that the loop's thread runs, and only that one`() async throws {
    try await LoopUnderTest.with { test in
      _ = try test.addWorker(Self.functions)
      for round in 0..<20 {
        test.start("b\(round)", "block")
        // It has begun, or is about to: both have to end it.
        if round % 2 == 0 {
          while try await test.state({ $0.attempts.values.contains { $0.executor != nil } }) == false {}
        }
        test.loop.post(.frame(.cancel(session: "b\(round)")))
        #expect(await test.results(1)["b\(round)"]?.state == .cancelled)
        test.start("l\(round)", "leaf", Array("still here".utf8))
        #expect(try Self.text(await test.results(1)["l\(round)"]) == "still here")
      }
    }
  }
}
