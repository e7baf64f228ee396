import Dataflow
import PheromoneFunctions
import SharedMemory
import Testing
import Wire

/// Functions with `publish: Immediately`.
@Suite(.timeLimit(.minutes(1))) struct StreamingTests {
  private static let functions: [Function] = [
    Function("stream") { context in
      try context.output("early")
      try context.put(in: "b", text: "one")
      var late = try context.create("late", in: "b", size: 4)
      try context.put("two:1", in: "b", group: "g", text: "two")
      try late.write(Array("late".utf8))
      try late.put()
      try context.expect(["x"], in: "joined")
      try context.call("next", text: "called")
      try context.put("none", in: "b", text: "")
    },
    Function("break") { context in
      try context.put("kept", in: "b", text: "kept")
      _ = try context.create("lost", in: "b", size: 1000)
      throw FunctionError("broken")
    },
    Function("wait") { context in
      try context.put("before", in: "b", text: "before")
      await SidecarDouble.untilCancelled()
      try context.put("after", in: "b", text: "after")
    },
    Function("twice") { context in
      try context.put("k", in: "b", text: "1")
      try context.put("k", in: "b", text: "2")
    },
  ]

  @Test func eachPutGoesAtOnceAndTheRestWithTheCommit() async throws {
    try await SidecarDouble.drive(Self.functions) { sidecar in
      try sidecar.invoke(1, "stream", publishesImmediately: true)
      try sidecar.grant(7, size: 65536)
      let published = try (1...4).map { _ in try sidecar.published() }
      #expect(published.allSatisfy { $0.invocation == 1 && $0.put.bucket == "b" })
      #expect(published.map(\.put.key) == ["f1-1", "two:1", "late", "none"])
      #expect(published.map(\.put.group) == [nil, "g", nil, nil])
      #expect(try published.map { try sidecar.text($0.put.location) } == ["one", "two", "late", ""])
      let transaction = try sidecar.committed()
      #expect(transaction.puts.isEmpty)
      #expect(try sidecar.text(try #require(transaction.outputs.first).location) == "early")
      #expect(transaction.announcements == [.init(bucket: "joined", keys: ["x"])])
      #expect(transaction.calls.map(\.key) == ["f1-2"])
    }
  }

  @Test func withoutTheFlagNothingIsPublished() async throws {
    try await SidecarDouble.drive(Self.functions) { sidecar in
      try sidecar.invoke(1, "stream")
      try sidecar.grant(7, size: 65536)
      #expect(try sidecar.committed().puts.count == 4)
    }
  }

  @Test func whatIsPublishedIsNotWrittenOverWhenTheAttemptFails() async throws {
    try await SidecarDouble.drive(Self.functions) { sidecar in
      try sidecar.invoke(1, "break", publishesImmediately: true)
      try sidecar.grant(7, size: 65536)
      let kept = try sidecar.published().put.location
      #expect(try sidecar.finished().result == .failed(message: "broken", isRetryable: true))
      for number in UInt64(2)...4 {
        try sidecar.invoke(number, "break", publishesImmediately: true)
        // Behind what is kept, and over what was lost.
        #expect(
          try sidecar.published().put.location == ObjectLocation(segment: 7, offset: (number - 1) * 64, length: 4))
        _ = try sidecar.finished()
      }
      try sidecar.invoke(5, "break")
      _ = try sidecar.finished()
      #expect(try sidecar.text(kept) == "kept")
      try sidecar.invoke(6, "stream")
      #expect(try sidecar.committed().outputs[0].location.offset == 256)
      #expect(try sidecar.text(kept) == "kept")
    }
  }

  @Test func aCancelledAttemptPublishesNothingMore() async throws {
    try await SidecarDouble.drive(Self.functions) { sidecar in
      try sidecar.invoke(1, "wait", publishesImmediately: true)
      try sidecar.grant(7, size: 65536)
      #expect(try sidecar.published().put.key == "before")
      try sidecar.send(.cancel(invocation: 1))
      #expect(try sidecar.finished().invocation == 1)
      try sidecar.invoke(2, "stream", publishesImmediately: true)
      #expect(try sidecar.published().invocation == 2)
    }
  }

  @Test func aKeyIsPutOnce() async throws {
    try await SidecarDouble.drive(Self.functions) { sidecar in
      try sidecar.invoke(1, "twice", publishesImmediately: true)
      try sidecar.grant(7, size: 65536)
      #expect(try sidecar.published().put.key == "k")
      #expect(try sidecar.failedForGood() == "twice puts \"k\" into b twice")
    }
  }
}
