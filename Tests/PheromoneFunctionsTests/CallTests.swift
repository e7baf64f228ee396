import Dataflow
import PheromoneFunctions
import Testing
import Wire

@Suite(.timeLimit(.minutes(1))) struct CallTests {
  private static let functions: [Function] = [
    Function("caller") { context in
      let input = try context.inputs.single
      #expect(try context.call("next", text: "first") == "f1-1")
      #expect(try context.call("next", key: "named", group: "g", bytes: input) == "named")
      var loan = try context.create("lent", for: "other", size: 4)
      try loan.write(Array("lent".utf8))
      #expect(try loan.put() == "lent")
      try context.put("named", in: "b", text: "a bucket's key is another's")
      try context.call("next", bytes: [UInt8]())
    },
    Function("twice") { context in
      try context.call("next", key: "k", text: "1")
      try context.call("other", key: "k", text: "1")
      try context.call("next", key: "k", text: "2")
    },
  ]

  @Test func callsGoWithTheCommit() async throws {
    try await SidecarDouble.drive(Self.functions) { sidecar in
      try sidecar.invoke(1, "caller", [try sidecar.attach(50, "input")])
      try sidecar.grant(7, size: 65536)
      let transaction = try sidecar.committed()
      #expect(transaction.calls.map(\.function) == ["next", "next", "other", "next"])
      #expect(transaction.calls.map(\.key) == ["f1-1", "named", "lent", "f1-2"])
      #expect(transaction.calls.map(\.group) == [nil, "g", nil, nil])
      #expect(try transaction.calls.map { try sidecar.text($0.location) } == ["first", "input", "lent", ""])
      #expect(transaction.puts.map(\.key) == ["named"] && transaction.outputs.isEmpty)
    }
  }

  @Test func aStreamingFunctionCallsWithTheCommitToo() async throws {
    try await SidecarDouble.drive(Self.functions) { sidecar in
      try sidecar.invoke(1, "caller", [try sidecar.attach(50, "input")], publishesImmediately: true)
      try sidecar.grant(7, size: 65536)
      #expect(try sidecar.published().put.key == "named")
      let transaction = try sidecar.committed()
      #expect(transaction.calls.count == 4 && transaction.puts.isEmpty)
    }
  }

  @Test func aFunctionIsCalledWithAKeyOnce() async throws {
    try await SidecarDouble.drive(Self.functions) { sidecar in
      try sidecar.invoke(1, "twice")
      try sidecar.grant(7, size: 65536)
      #expect(try sidecar.failedForGood() == "twice calls next with \"k\" twice")
    }
  }

  @Test func anOldSidecarIsNotSentWhatItWouldLose() async throws {
    try await SidecarDouble.drive(Self.functions, features: []) { sidecar in
      try sidecar.invoke(1, "twice")
      let message = try sidecar.failedForGood()
      #expect(message.contains("twice cannot call next") && message.contains("update Pheromone"))
    }
  }
}
