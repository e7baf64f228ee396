import Dataflow
import Testing

@testable import Triggers

@Suite("What the paper's own code gets wrong")
struct PaperFaultTests {
  private static func fanIn(_ primitive: Primitive) -> WorkflowPlan {
    plan(
      [FunctionPlan(name: "a", outputs: ["x"]), FunctionPlan(name: "b", outputs: [])],
      ["x": [TriggerPlan(name: "t", target: "b", primitive)]])
  }

  @Test("Keys that hold a bar or a zero byte are cut")
  func separators() throws {
    var bench = EngineBench(Self.fanIn(.bySet(["a|b", "a", "b\u{0}c", "b"])))
    bench.begin("a")
    try bench.run("a", puts: [("x", "a"), ("x", "b"), ("x", "b\u{0}c"), ("x", "b\u{0}"), ("x", "a|b")])
    #expect(bench.queued.map { $0.inputs.map(\.key) } == [["a|b", "a", "b\u{0}c", "b"]])
    // Nor does a firing's id depend on where one key ends and the next begins.
    func id(_ keys: [String]) throws -> String {
      var bench = EngineBench(Self.fanIn(.byBatchSize(.init(count: 9, scope: .session))))
      bench.begin("a")
      try bench.run("a", puts: keys.map { ("x", $0) })
      return try #require(bench.queued.first).firing.text
    }
    #expect(try Set([id(["a|b"]), id(["a", "b"]), id(["a", "|b"]), id(["ab", ""])]).count == 4)
  }

  @Test("Empty objects vanish: an empty key is a key")
  func empty() throws {
    var bench = EngineBench(Self.fanIn(.immediate))
    bench.begin("a")
    try bench.run("a", puts: [("x", "")])
    #expect(bench.queued.map { $0.inputs.map(\.key) } == [[""]])
    try bench.run("b")
    #expect(bench.ended?.state == .succeeded)
    #expect(bench.violations == [])
  }

  @Test("ByTime looks at the clock only when an object arrives")
  func byTime() {
    let plan = CompiledPlan(Self.fanIn(.byTime(.init(window: "1s"))))
    var triggers = WorkflowTriggers()
    let start = Moment(monotonic: .seconds(1), wall: .milliseconds(10_250))
    _ = triggers.planApplied(plan, now: start)
    let object = ObjectReference(bucket: 0, key: "k", handle: 1)
    #expect(triggers.objectArrived(object, of: "s", at: 0, of: plan, now: start).isEmpty)
    #expect(triggers.due == .milliseconds(1750))
    #expect(triggers.timeCame(now: start + .milliseconds(749)).isEmpty)
    #expect(triggers.timeCame(now: start + .milliseconds(750)).map { $0.inputs.map(\.handle) } == [[1]])
    #expect(triggers.due == nil)
  }

  @Test(
    "Redundant and DynamicGroup ignore sessions and mix requests",
    arguments: [Primitive.redundant(.init(count: 2, take: 2)), .dynamicGroup(sources: ["a"])])
  func sessions(primitive: Primitive) throws {
    var one = EngineBench(Self.fanIn(primitive), session: "one")
    var other = EngineBench(Self.fanIn(primitive), session: "other")
    one.begin("a")
    other.begin("a")
    try one.run("a", puts: [("x", "g:1"), ("x", "g:2")])
    #expect(other.queuedNames == ["a"])
    try other.run("a", puts: [("x", "g:3")])
    #expect(one.queued.map { $0.inputs.map(\.key) } == [["g:1", "g:2"]])
    #expect(other.queued.allSatisfy { $0.inputs.map(\.key) == ["g:3"] })
    if case .redundant = primitive { #expect(other.ended?.state == .stalled) }
  }

  @Test("Re-execution re-arms without limit, keeps one entry per session and overwrites siblings")
  func recovery() throws {
    let watched = TriggerPlan(
      name: "t", target: "c", .immediate, recovery: .init(source: "b", timeout: .milliseconds(50), limit: 2))
    var bench = EngineBench(
      plan(
        [
          FunctionPlan(name: "a", outputs: ["x"]), FunctionPlan(name: "b", outputs: ["y"]),
          FunctionPlan(name: "c", outputs: []),
        ], ["x": [TriggerPlan(name: "t", target: "b", .immediate)], "y": [watched]]))
    bench.begin("a")
    try bench.run("a", puts: [("x", "1"), ("x", "2")])
    let (first, second) = (try bench.start("b"), try bench.start("b"))
    for _ in 0..<20 where !bench.recoveries.isEmpty || !bench.queued.isEmpty {
      while !bench.recoveries.isEmpty { bench.passRecovery(0) }
      while !bench.queued.isEmpty { bench.start(at: 0) }
    }
    // Each has its own two attempts beside the first, and no more.
    let attempts = Dictionary(grouping: bench.running, by: \.invocation).mapValues { $0.map(\.attempt) }
    #expect(attempts == [first.invocation: [1, 2, 3], second.invocation: [1, 2, 3]])
    bench.commit(first, puts: [("y", "1")])
    #expect(bench.running.map(\.invocation) == [second, second, second].map(\.invocation))
    #expect(bench.violations == [])
  }

  @Test("The client swaps k and n")
  func kOfN() throws {
    var bench = EngineBench(Self.fanIn(.redundant(.init(count: 3, take: 2))))
    bench.begin("a")
    try bench.run("a", puts: [("x", "1"), ("x", "2"), ("x", "3")])
    #expect(bench.queued.map { $0.inputs.map(\.key) } == [["1", "2"]])
    #expect(bench.engine.waiting.map(\.ignored) == [["3"]])
  }

  @Test("A trigger added twice fires twice")
  func addedTwice() {
    let trigger = TriggerSpec(name: "t", target: "b", .immediate)
    let spec = WorkflowSpec(entry: "a", functions: [.init(name: "a", outputs: ["x"]), .init(name: "b", outputs: [])])
    let compiled = PlanCompiler.compile(
      namespace: "n", workflow: "w", spec: spec,
      buckets: ["x": BucketSpec(workflow: "w", triggers: [trigger, trigger])]
    )
    #expect(compiled.plan == nil)
    #expect(compiled.findings.contains { $0.message.contains("two triggers \"t\"") })
    // And a plan that is applied again adds nothing.
    let plan = CompiledPlan(Self.fanIn(.byBatchSize(.init(count: 1))))
    var triggers = WorkflowTriggers()
    let now = Moment(monotonic: .zero, wall: .zero)
    for _ in 0..<2 { #expect(triggers.planApplied(plan, now: now).isEmpty) }
    let object = ObjectReference(bucket: 0, key: "k", handle: 1)
    #expect(triggers.objectArrived(object, of: "s", at: 0, of: plan, now: now).count == 1)
  }

  @Test("Removing an unknown trigger is undefined")
  func removedUnknown() {
    var triggers = WorkflowTriggers()
    let now = Moment(monotonic: .zero, wall: .zero)
    let empty = CompiledPlan(plan([FunctionPlan(name: "a")]))
    #expect(triggers.planApplied(empty, now: now).isEmpty)
    #expect(triggers.drain(now: now).isEmpty)
    #expect(triggers.heldCount == 0)
  }

  @Test("A function that fails is only logged")
  func failure() throws {
    var bench = EngineBench(Self.fanIn(.immediate))
    bench.begin("a")
    bench.fail(try bench.start("a"), "no such file", isRetryable: false)
    #expect(bench.ended == SessionOutcome(state: .failed, message: "a#0 failed in its only attempt: no such file"))
  }

  @Test("A late reply answers the next call")
  func lateReply() throws {
    var bench = EngineBench(Self.fanIn(.immediate))
    bench.begin("a")
    let first = try bench.start("a")
    bench.fail(first)
    try bench.passPause()
    let second = try bench.start("a")
    bench.commit(first, puts: [("x", "late")], outputs: ["late"])
    #expect(bench.engine.outputs.isEmpty)
    #expect(bench.queued.isEmpty)
    bench.commit(second, puts: [("x", "k")], outputs: [""])
    #expect(bench.engine.outputs.map(\.name) == [""])
    #expect(bench.queued.map { $0.inputs.map(\.key) } == [["k"]])
    #expect(bench.violations == [])
  }
}
