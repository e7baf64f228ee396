import Dataflow
import Testing

@testable import Triggers

@Suite("Session engine: how a session runs")
struct SessionEngineTests {
  private let sequence = plan(
    [FunctionPlan(name: "a", outputs: ["x"]), FunctionPlan(name: "b", outputs: [])],
    ["x": [TriggerPlan(name: "t", target: "b", .immediate)]])
  private let choice = plan(
    [
      FunctionPlan(name: "a", outputs: ["x"]), FunctionPlan(name: "b", outputs: []),
      FunctionPlan(name: "c", outputs: []),
    ],
    [
      "x": [
        TriggerPlan(name: "b", target: "b", .byName(["left"])), TriggerPlan(name: "c", target: "c", .byName(["right"])),
      ]
    ])
  private let fanIn = plan(
    [FunctionPlan(name: "a", outputs: ["x"]), FunctionPlan(name: "b", outputs: [])],
    ["x": [TriggerPlan(name: "t", target: "b", .bySet(["one", "two"]))]])

  @Test("A sequence: the object that one function puts goes to the next, and is freed behind it")
  func sequenceRuns() throws {
    var bench = EngineBench(sequence)
    bench.begin("a")
    #expect(bench.queuedNames == ["a"])
    #expect(bench.queued[0].inputs.map(\.bucket) == [nil])
    try bench.run("a", puts: [("x", "k")])
    #expect(bench.held.count == 1)
    #expect(bench.queued[0].inputs.map(\.key) == ["k"])
    #expect(bench.ended == nil)
    try bench.run("b", outputs: [""])
    #expect(bench.ended == SessionOutcome(state: .succeeded, message: ""))
    #expect(bench.held == bench.heldOutputs)
    #expect(bench.violations == [])
  }

  @Test("A fan-out: one firing for each object, each with an id of its own")
  func fanOut() throws {
    var bench = EngineBench(sequence)
    bench.begin("a")
    try bench.run("a", puts: (0..<5).map { ("x", "k\($0)") })
    #expect(bench.queuedNames == ["b", "b", "b", "b", "b"])
    #expect(Set(bench.queued.map(\.firing)).count == 5)
    for _ in 0..<5 { try bench.run("b") }
    #expect(bench.ended?.state == .succeeded)
    #expect(bench.engine.invocationCount == 6)
    #expect(bench.violations == [])
  }

  @Test("A choice: the key decides; a branch that was not taken does not stall the session")
  func choiceRuns() throws {
    var bench = EngineBench(choice)
    bench.begin("a")
    try bench.run("a", puts: [("x", "right")])
    #expect(bench.queuedNames == ["c"])
    try bench.run("c")
    #expect(bench.ended?.state == .succeeded)
    var neither = EngineBench(choice)
    neither.begin("a")
    try neither.run("a", puts: [("x", "middle")])
    #expect(neither.ended?.state == .succeeded)
    #expect(bench.violations + neither.violations == [])
  }

  @Test("A fan-in: fires once when all names are there, with its inputs in the order of the list")
  func fanInRuns() throws {
    var bench = EngineBench(fanIn)
    bench.begin("a")
    try bench.run("a", puts: [("x", "two"), ("x", "other"), ("x", "one")])
    #expect(bench.queuedNames == ["b"])
    #expect(bench.queued[0].inputs.map(\.key) == ["one", "two"])
    try bench.run("b")
    #expect(bench.ended?.state == .succeeded)
    #expect(bench.violations == [])
  }

  @Test("A fan-in of which nothing came was not taken; one of which a part came stalls, and says what it lacks")
  func fanInStalls() throws {
    var untaken = EngineBench(fanIn)
    untaken.begin("a")
    try untaken.run("a", puts: [("x", "other")])
    #expect(untaken.ended?.state == .succeeded)
    var bench = EngineBench(fanIn)
    bench.begin("a")
    try bench.run("a", puts: [("x", "two")])
    #expect(bench.ended?.state == .stalled)
    #expect(bench.ended?.message == "nothing runs any more, but x/t lacks one")
    #expect(bench.engine.waiting.map(\.lacks) == [["one"]])
    #expect(bench.violations + untaken.violations == [])
  }

  @Test("A running session says what waits, for what, and who may still put it")
  func waiting() throws {
    var bench = EngineBench(
      plan(
        [
          FunctionPlan(name: "a", outputs: ["x", "y"]), FunctionPlan(name: "b", outputs: ["x"]),
          FunctionPlan(name: "c", outputs: []),
        ],
        [
          "x": [TriggerPlan(name: "t", target: "c", .bySet(["one", "two"]))],
          "y": [TriggerPlan(name: "t", target: "b", .immediate)],
        ]))
    bench.begin("a")
    try bench.run("a", puts: [("x", "one"), ("y", "k")])
    #expect(bench.engine.waiting.map(\.trigger) == ["x/t"])
    #expect(bench.engine.waiting.first?.lacks == ["two"])
    #expect(bench.engine.waiting.first?.producers == ["b#0 is queued"])
    try bench.run("b", puts: [("x", "two")])
    #expect(bench.engine.waiting.isEmpty)
    try bench.run("c")
    #expect(bench.ended?.state == .succeeded)
    #expect(bench.violations == [])
  }

  @Test("All triggers of a bucket see its objects; they are held until the last one is done with them")
  func manyTriggers() throws {
    var bench = EngineBench(
      plan(
        [
          FunctionPlan(name: "a", outputs: ["x"]), FunctionPlan(name: "b", outputs: []),
          FunctionPlan(name: "c", outputs: []),
        ],
        [
          "x": [
            TriggerPlan(name: "each", target: "b", .immediate),
            TriggerPlan(name: "both", target: "c", .bySet(["k0", "k1"])),
          ]
        ]))
    bench.begin("a")
    try bench.run("a", puts: [("x", "k0"), ("x", "k1")])
    try bench.run("b")
    try bench.run("b")
    #expect(bench.held.count == 2)
    try bench.run("c")
    #expect(bench.held.isEmpty)
    #expect(bench.ended?.state == .succeeded)
    #expect(bench.violations == [])
  }

  @Test("A request may put an object instead of calling a function")
  func beginsWithPut() throws {
    var bench = EngineBench(sequence)
    bench.begin(bucket: "x", key: "k")
    try bench.run("b")
    #expect(bench.ended?.state == .succeeded)
    var nobody = EngineBench(fanIn)
    nobody.begin(bucket: "x", key: "other")
    #expect(nobody.ended?.state == .succeeded)
    #expect(bench.violations + nobody.violations == [])
  }

  @Test("A bucket without triggers swallows its objects")
  func noTriggers() throws {
    var bench = EngineBench(plan([FunctionPlan(name: "a")], ["x": []]))
    bench.begin("a")
    try bench.run("a", puts: [("x", "k")], outputs: ["", "second"])
    #expect(bench.ended?.state == .succeeded)
    #expect(bench.engine.outputs.map(\.name) == ["", "second"])
    #expect(bench.violations == [])
  }

  @Test("A cycle runs until nobody puts any more")
  func cycle() throws {
    var bench = EngineBench(
      plan([FunctionPlan(name: "a", outputs: ["x"])], ["x": [TriggerPlan(name: "t", target: "a", .immediate)]]))
    bench.begin("a")
    for round in 0..<10 { try bench.run("a", puts: [("x", "\(round)")]) }
    #expect(bench.ended == nil)
    try bench.run("a")
    #expect(bench.ended?.state == .succeeded)
    #expect(bench.violations == [])
  }

  @Test("A cycle that does not end is ended at the limit, and everything it held goes")
  func invocationLimit() throws {
    let functions = [FunctionPlan(name: "a", outputs: ["x"]), FunctionPlan(name: "b", outputs: [])]
    let triggers = [
      TriggerPlan(name: "t", target: "a", .immediate),
      TriggerPlan(name: "u", target: "b", .bySet(["p", "q", "r", "never"])),
    ]
    var bench = EngineBench(plan(functions, ["x": triggers], invocationLimit: 3))
    bench.begin("a")
    // The third put goes over the limit; the fourth and the output must not be left behind.
    try bench.run("a", puts: [("x", "p"), ("x", "q"), ("x", "r"), ("x", "s")], outputs: [""])
    #expect(bench.ended?.state == .failed)
    #expect(bench.ended?.message.contains("spec.sessionLimits.invocations") == true)
    #expect(bench.withdrawn == [1, 2])
    #expect(bench.violations == [])
  }

  @Test("Firing ids depend on session, trigger and members, and on nothing else")
  func firingIDs() throws {
    func ids(session: String, key: String) throws -> [String] {
      var bench = EngineBench(sequence, session: session)
      bench.begin("a")
      try bench.run("a", puts: [("x", key)])
      return bench.firings.map(\.firing.text)
    }
    let first = try ids(session: "s", key: "k")
    #expect(try ids(session: "s", key: "k") == first)
    #expect(try Set(first).isDisjoint(with: ids(session: "t", key: "k")))
    #expect(try ids(session: "s", key: "l")[1] != first[1])
  }
}
