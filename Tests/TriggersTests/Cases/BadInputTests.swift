import Dataflow
import Testing

@testable import Triggers

@Suite("Bad input: each has a defined result")
struct BadInputTests {
  private static func fanIn(_ primitive: Primitive) -> WorkflowPlan {
    plan(
      [FunctionPlan(name: "a", outputs: ["x"]), FunctionPlan(name: "b", outputs: [])],
      ["x": [TriggerPlan(name: "t", target: "b", primitive)]], invocationLimit: 20_000)
  }

  private static let names = [
    "", "\u{0}", "a\u{0}", "|", "\n", "\"", "../..", "%00", "\u{202E}abc", "\u{1F600}", "\u{FFFD}", " ", "e\u{301}",
    String(repeating: "x", count: 1024),
  ]

  @Test("Keys and groups of any characters are kept as they are", arguments: names)
  func anyCharacters(name: String) throws {
    for primitive: Primitive in [
      .immediate, .byName([name]), .bySet([name]), .dynamicGroup(sources: ["a"]), .redundant(.init(count: 1, take: 1)),
      .byBatchSize(.init(count: 1, scope: .session)), .dynamicJoin(announcedBy: ["a"]),
    ] {
      var bench = EngineBench(Self.fanIn(primitive))
      bench.begin("a")
      let put = Commit.Put(bucket: "x", key: Label(name), group: name, handle: bench.handle())
      var announcements: [Commit.Announcement] = []
      if case .dynamicJoin = primitive { announcements = [.init(bucket: "x", keys: [name])] }
      bench.commit(try bench.start("a"), Commit(puts: [put], announcements: announcements))
      let inputs = try #require(bench.queued.first).inputs
      #expect(inputs.map { Array($0.key.text.utf8) } == [Array(name.utf8)])
      #expect(inputs.map(\.group) == [name])
      try bench.run("b")
      #expect(bench.ended?.state == .succeeded)
      #expect(bench.violations == [])
    }
  }

  @Test("Two spellings of one text, composed and decomposed, are one key and one group")
  func canonicalEquivalence() throws {
    let (composed, decomposed) = ("\u{E9}", "e\u{301}")
    var bench = EngineBench(Self.fanIn(.byName([composed])))
    bench.begin("a")
    bench.commit(try bench.start("a"), puts: [("x", decomposed)])
    // It matches, and the function is given the bytes that were put.
    #expect(bench.queued.map { Array($0.inputs[0].key.text.utf8) } == [Array(decomposed.utf8)])
    var twice = EngineBench(Self.fanIn(.immediate))
    twice.begin("a")
    try twice.run("a", puts: [("x", composed), ("x", decomposed)])
    #expect(twice.ended?.message.contains("ObjectExists") == true)
    var groups = EngineBench(Self.fanIn(.dynamicGroup(sources: ["a"])))
    groups.begin("a")
    try groups.run("a", puts: [("x", "\(composed):1"), ("x", "\(decomposed):2")])
    #expect(groups.queued.map { $0.inputs.count } == [2])
  }

  @Test("Ten thousand groups fire once each, in the order of their bytes")
  func manyGroups() throws {
    var session = LongSession(Self.fanIn(.dynamicGroup(sources: ["a"])))
    var groups: [String] = []
    session.run { session, attempt in
      guard attempt.function == 0 else {
        groups.append(attempt.inputs.map(\.key.text).joined(separator: ","))
        return Commit()
      }
      return Commit(
        puts: (0..<20_000).map { .init(bucket: "x", key: "\($0 % 10_000):\($0)", handle: session.handle()) })
    }
    #expect(session.outcome?.state == .succeeded)
    #expect(groups.count == 10_000)
    let names = groups.map { String($0.prefix { $0 != ":" }) }
    #expect(names == names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    #expect(groups.first == "0:0,0:10000")
    #expect(session.heldCount == 0)
  }

  @Test("Late keys are let go; the first of them are named, the others counted")
  func lateKeys() throws {
    var bench = EngineBench(Self.fanIn(.redundant(.init(count: 1, take: 1))))
    bench.begin("a")
    try bench.run("a", puts: (0..<101).map { ("x", "k\($0)") })
    #expect(bench.held.count == 1)
    let ignored = try #require(bench.engine.waiting.first).ignored
    #expect(ignored == (1...16).map { "k\($0)" } + ["(84 more)"])
    try bench.run("b")
    #expect(bench.ended?.state == .succeeded)
    #expect(bench.violations == [])
  }

  @Test("A count of 1 and one of 2,147,483,647")
  func counts() throws {
    for (primitive, inputs): (Primitive, [[String]]) in [
      (.byBatchSize(.init(count: 1, scope: .session)), [["1"], ["2"]]),
      (.byBatchSize(.init(count: 2_147_483_647, scope: .session)), [["1", "2"]]),
      (.redundant(.init(count: 1, take: 1)), [["1"]]),
      (.redundant(.init(count: 2_147_483_647, take: 1)), [["1"]]),
      (.redundant(.init(count: 2_147_483_647, take: 2_147_483_647)), []),
    ] {
      var bench = EngineBench(Self.fanIn(primitive))
      bench.begin("a")
      try bench.run("a", puts: [("x", "1"), ("x", "2")])
      #expect(bench.queued.map { $0.inputs.map(\.key.text) } == inputs)
      if inputs.isEmpty {
        #expect(bench.ended?.state == .stalled)
        #expect(bench.ended?.message.contains("2147483645 more objects") == true)
      }
      #expect(bench.violations == [])
    }
  }

  @Test("A join that closes while the session goes on still says what it lacked")
  func closedJoin() throws {
    var bench = EngineBench(
      plan(
        [
          FunctionPlan(name: "a", outputs: ["x", "y"]), FunctionPlan(name: "b", outputs: []),
          FunctionPlan(name: "c", outputs: []),
        ],
        [
          "x": [TriggerPlan(name: "t", target: "b", .bySet(["one", "two"]))],
          "y": [TriggerPlan(name: "t", target: "c", .immediate)],
        ]))
    bench.begin("a")
    try bench.run("a", puts: [("x", "one"), ("y", "k")])
    #expect(bench.ended == nil)
    #expect(bench.engine.waiting.map(\.lacks) == [["two"]])
  }
}
