import Dataflow
import PheromoneFunctions
import Testing
import Wire

/// Keys, groups and names with any bytes in them.
@Suite(.timeLimit(.minutes(1))) struct NameTests {
  private static let odd = [
    "|", "a|b", "\0", "a\0b", "\n", "a\r\n", ":", "größe", "\u{1F600}", " ", "\u{FEFF}",
    String(repeating: "x", count: 1024),
  ]
  private static let long = String(repeating: "ö", count: 513)

  private static let functions: [Function] = [
    Function("odd") { context in
      for (index, name) in odd.enumerated() {
        try context.put(name, in: "b", group: name, text: index.isMultiple(of: 2) ? "" : name)
        try context.call("next", key: name, group: name, text: name)
        try context.output(name, name: name)
      }
      try context.expect(odd, in: "b")
      try context.put("no group", in: "b", group: "", text: "")
    },
    Function("long key") { try $0.put(long, in: "b", text: "") },
    Function("long group") { try $0.put("k", in: "b", group: long, text: "") },
    Function("long call") { try $0.call("next", key: long, text: "") },
    Function("long output") { try $0.output("", name: long) },
    Function("long join") { try $0.expect([long], in: "b") },
    Function("empty key") { try $0.put("", in: "b", text: "") },
    Function("empty call") { try $0.call("next", key: "", text: "") },
    Function("empty join") { try $0.expect([""], in: "b") },
    Function("too much") { context in
      for index in 0..<20_000 {
        let name = "\(index)"
        try context.put(name + String(repeating: "x", count: 1024 - name.utf8.count), in: "b", text: "")
      }
    },
    Function("groups") { context in
      #expect(context.inputs.map(\.group) == ["a", "a", "a"] && context.inputs.group == "a")
      #expect(context.inputs.map(\.text) == ["", "x|\0y", ""])
    },
    Function("differ") { context in
      #expect(context.inputs.map(\.group) == ["a", "b"] && context.inputs.group == nil)
    },
    Function("none") { #expect($0.inputs.group == nil) },
  ]

  @Test func anyTextGoesThroughUnharmed() async throws {
    try await SidecarDouble.drive(Self.functions) { sidecar in
      try sidecar.invoke(1, "odd")
      try sidecar.grant(7, size: 65536)
      let transaction = try sidecar.committed()
      // Compared by bytes: Swift's own comparison takes different spellings of a letter for the same.
      func bytes(_ texts: [String]) -> [[UInt8]] { texts.map { Array($0.utf8) } }
      #expect(bytes(transaction.puts.map(\.key.text)) == bytes(Self.odd + ["no group"]))
      #expect(transaction.puts.map(\.group) == Self.odd + [""])
      #expect(bytes(transaction.calls.map(\.key.text)) == bytes(Self.odd))
      #expect(bytes(transaction.outputs.map(\.name)) == bytes(Self.odd))
      #expect(transaction.announcements == [.init(bucket: "b", keys: Self.odd)])
      for (index, put) in transaction.puts.dropLast().enumerated() {
        #expect(try sidecar.text(put.location) == (index.isMultiple(of: 2) ? "" : put.key.text))
      }
      #expect(try transaction.calls.map { try sidecar.text($0.location) } == Self.odd)
      #expect(transaction.objection == nil)
    }
  }

  @Test(arguments: ["long key", "long group", "long call", "long output", "long join"])
  func whatIsTooLongIsRefused(function: String) async throws {
    try await SidecarDouble.drive(Self.functions) { sidecar in
      try sidecar.invoke(1, function)
      let message = try sidecar.failedForGood()
      #expect(message.hasPrefix(function) && message.contains("1026 bytes") && message.contains("the limit is 1024"))
    }
  }

  @Test(arguments: ["empty key", "empty call", "empty join"])
  func aKeyIsNotEmpty(function: String) async throws {
    try await SidecarDouble.drive(Self.functions) { sidecar in
      try sidecar.invoke(1, function)
      #expect(try sidecar.failedForGood().contains("must not be empty"))
    }
  }

  @Test func anInvocationThatReportsTooMuchFailsAlone() async throws {
    try await SidecarDouble.drive(Self.functions) { sidecar in
      try sidecar.invoke(1, "too much")
      #expect(try sidecar.failedForGood().contains("16 MiB"))
      try sidecar.invoke(2, "none")
      #expect(try sidecar.committed() == Transaction())
    }
  }

  @Test func inputsHaveGroups() async throws {
    try await SidecarDouble.drive(Self.functions) { sidecar in
      let nowhere = ObjectLocation(segment: 0, offset: 0, length: 0)
      let text = try sidecar.attach(50, "x|\0y").location
      let own = SidecarFrame.Input(bucket: "b", key: "k:1", group: "a", location: nowhere)
      let byKey = SidecarFrame.Input(bucket: "b", key: "a:b:2", location: text)
      let whole = SidecarFrame.Input(bucket: "b", key: "a", location: nowhere)
      try sidecar.invoke(1, "groups", [own, byKey, whole])
      _ = try sidecar.committed()
      try sidecar.invoke(2, "differ", [own, .init(bucket: "b", key: "a:1", group: "b", location: nowhere)])
      _ = try sidecar.committed()
      try sidecar.invoke(3, "none")
      _ = try sidecar.committed()
    }
  }
}
