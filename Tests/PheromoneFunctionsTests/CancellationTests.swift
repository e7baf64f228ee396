import Dataflow
import SharedMemory
import Synchronization
import Testing
import Wire

@testable import PheromoneFunctions

/// Attempts that nobody needs any more, on workers that go on.
@Suite(.timeLimit(.minutes(1))) struct CancellationTests {
  private static let functions: [Function] = [
    Function("block") { context in
      try context.put("awake", in: "b", text: "x")
      await SidecarDouble.untilCancelled()
      try Task.checkCancellation()
    },
    Function("poll") { context in
      try context.put("awake", in: "b", text: "x")
      while !context.isCancelled { await Task.yield() }
      try context.put("late", in: "b", text: "x")
    },
    Function("notice") { context in
      try context.put("awake", in: "b", text: "x")
      let (stream, continuation) = AsyncStream.makeStream(of: String.self)
      await withTaskCancellationHandler {
        for await word in stream { #expect(word == "cancelled") }
      } onCancel: {
        continuation.yield("cancelled")
        continuation.finish()
      }
      #expect(context.isCancelled && Task.isCancelled)
      throw FunctionError("noticed")
    },
    Function("quick") { context in
      #expect(!context.isCancelled && !Task.isCancelled)
      try context.put("k", in: "b", text: "y")
      try Task.checkCancellation()
    },
    Function("fill") { try $0.put(in: "b", bytes: [UInt8](repeating: 1, count: 16384)) },
    Function("huge") { try $0.put(in: "b", bytes: [UInt8](repeating: 1, count: 65536)) },
  ]

  @Test(arguments: [("block", "CancellationError()"), ("poll", "CancellationError()"), ("notice", "noticed")])
  func onlyThisAttemptIsCancelled(function: String, message: String) async throws {
    try await SidecarDouble.drive(Self.functions) { sidecar in
      try sidecar.invoke(1, function, publishesImmediately: true)
      try sidecar.grant(7, size: 65536)
      #expect(try sidecar.published().put.key == "awake")
      try sidecar.send(.cancel(invocation: 1))
      #expect(try sidecar.finished() == .init(invocation: 1, result: .failed(message: message, isRetryable: true)))
      // One that comes too late is for nobody.
      try sidecar.send(.cancel(invocation: 1))
      try sidecar.invoke(2, "quick")
      #expect(try sidecar.committed().puts.map(\.key) == ["k"])
    }
  }

  @Test func oneThatComesBeforeItsInvocationHasBegunFindsIt() async throws {
    try await SidecarDouble.drive(Self.functions) { sidecar in
      try sidecar.send(.cancel(invocation: 2))
      try sidecar.invoke(2, "block")
      #expect(try sidecar.finished().invocation == 2)
      try sidecar.invoke(3, "quick")
      try sidecar.grant(7, size: 65536)
      #expect(try sidecar.committed().puts.count == 1)
    }
  }

  @Test func anArenaThatWasFullIsNotUsedAfterTheWaitForAnotherWasCancelled() async throws {
    try await SidecarDouble.drive(Self.functions) { sidecar in
      try sidecar.invoke(1, "quick")
      try sidecar.grant(7, size: 65536)
      for number in UInt64(2)...4 {
        #expect(try sidecar.committed().puts[0].location.segment == 7)
        try sidecar.invoke(number, "fill")
      }
      #expect(try sidecar.committed().puts[0].location.offset == 32832)
      // A quarter lacks 64 bytes, so that there is room for small objects only.
      try sidecar.invoke(5, "fill")
      #expect(try sidecar.receive() == .needSegment(bytes: 16384, invocation: 5))
      try sidecar.send(.cancel(invocation: 5))
      _ = try sidecar.finished()
      // For the sidecar the first arena is done with since it was asked for another.
      try sidecar.invoke(6, "quick")
      try sidecar.grant(8, size: 65536)
      #expect(try sidecar.committed().puts[0].location == ObjectLocation(segment: 8, offset: 0, length: 1))
    }
  }

  @Test func aLateGrantForALargeObjectIsNoArena() async throws {
    try await SidecarDouble.drive(Self.functions) { sidecar in
      try sidecar.invoke(1, "huge")
      #expect(try sidecar.receive() == .needSegment(bytes: 65536, invocation: 1))
      try sidecar.send(.cancel(invocation: 1))
      _ = try sidecar.finished()
      let late = try MemorySegment.create(size: 65536)
      try sidecar.send(.grant(segment: 7, size: 65536), descriptor: late.descriptor)
      #expect(try sidecar.receive() == .segmentMapped(segment: 7))
      try sidecar.invoke(2, "quick")
      try sidecar.grant(8, size: 65536)
      #expect(try sidecar.committed().puts[0].location.segment == 8)
    }
  }

  /// The segment for a large object comes when the next attempt waits for another one.
  @Test func anAnswerToAnEarlierAttemptIsNotTheNextOnes() async throws {
    try await SidecarDouble.drive(Self.functions) { sidecar in
      try sidecar.invoke(1, "huge")
      #expect(try sidecar.receive() == .needSegment(bytes: 65536, invocation: 1))
      try sidecar.send(.cancel(invocation: 1))
      _ = try sidecar.finished()
      try sidecar.invoke(2, "quick")
      #expect(try sidecar.receive() == .needSegment(bytes: 1, invocation: 2))
      let late = try MemorySegment.create(size: 65536)
      try sidecar.send(.grant(segment: 7, size: 65536, invocation: 1), descriptor: late.descriptor)
      #expect(try sidecar.receive() == .segmentMapped(segment: 7))
      try sidecar.send(.denied(reason: "for the first", invocation: 1))
      let own = try MemorySegment.create(size: 65536)
      try sidecar.send(.grant(segment: 8, size: 65536, invocation: 2), descriptor: own.descriptor)
      #expect(try sidecar.receive() == .segmentMapped(segment: 8))
      #expect(try sidecar.committed().puts[0].location == ObjectLocation(segment: 8, offset: 0, length: 1))
    }
  }

  @Test func theEndOfOneAttemptDoesNotDisturbTheWaitOfTheNext() throws {
    let attempts = Mutex<[Attempt]>([])
    let memory = Mutex<WorkerMemory?>(nil)
    let made = WorkerMemory { _ in
      // The next one waits now; the reader is late with the cancellation of the first.
      attempts.withLock { $0[0] }.cancel()
      _ = attempts.withLock { $0[0] }.close()
      memory.withLock { $0 }?.denied("this is its answer")
    }
    memory.withLock { $0 = made }
    for number in UInt64(1)...2 {
      let invoke = SidecarFrame.Invoke(
        invocation: number, attempt: 1, function: "f", session: "s", firing: "f", inputs: [])
      attempts.withLock { $0.append(Attempt(invoke, memory: made)) }
    }
    let next = attempts.withLock { $0[1] }
    #expect(throws: FunctionError("this is its answer", isRetryable: false)) { try made.allocate(1, for: next) }
    memory.withLock { $0 = nil }
  }
}
