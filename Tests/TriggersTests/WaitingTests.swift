import Dataflow
import Testing

@testable import Triggers

@Suite("Session engine: what its triggers wait for, and from whom")
struct WaitingTests {
  /// `a` splits, `b` maps, `c` takes what comes of it in several ways.
  private static func fork(_ primitives: Primitive...) -> WorkflowPlan {
    plan(
      [
        FunctionPlan(name: "a", outputs: ["work", "done"]), FunctionPlan(name: "b", outputs: ["done"]),
        FunctionPlan(name: "c", outputs: []),
      ],
      [
        "work": [TriggerPlan(name: "each", target: "b", .immediate)],
        "done": primitives.enumerated().map { TriggerPlan(name: "t\($0)", target: "c", $1) },
      ])
  }

  @Test("Every trigger that has not fired is named, whatever its primitive, from the beginning")
  func all() throws {
    var bench = EngineBench(
      Self.fork(
        .immediate, .byName(["x"]), .bySet(["x", "y"]), .byBatchSize(.init(count: 2, scope: .session)),
        .byBatchSize(.init(count: 2)), .byTime(.init(window: "1s")), .redundant(.init(count: 2, take: 2)),
        .dynamicJoin(announcedBy: ["a"]), .dynamicGroup(sources: ["b"])))
    bench.begin("a")
    let waiting = bench.engine.waiting
    #expect(waiting.map(\.trigger) == (0..<9).map { "done/t\($0)" } + ["work/each"])
    #expect(waiting.allSatisfy { !$0.lacks.isEmpty && $0.producers == ["a#0 is queued"] }, "\(waiting)")
    try bench.run("a", puts: [("work", "1"), ("done", "x")])
    // What has fired is not named, nor what was handed over, which those who gather it tell of.
    #expect(bench.engine.waiting.map(\.trigger) == [2, 3, 6, 8].map { "done/t\($0)" })
    #expect(
      bench.engine.waiting.map(\.lacks) == [
        ["y"], ["1 more object (in a batch, 1 of 2)"], ["1 more object (1 of the 2 to take are there)"],
        ["the end of its sources, with an object in 1 group"],
      ])
    #expect(bench.engine.waiting.allSatisfy { $0.producers == ["b#0 is queued"] })
  }

  @Test("What waits for announcers or sources names those, and not all that feed the bucket")
  func stage() throws {
    var bench = EngineBench(
      plan(
        entry: "s",
        [
          FunctionPlan(name: "s", outputs: ["go"]), FunctionPlan(name: "a", outputs: ["done"]),
          FunctionPlan(name: "b", outputs: ["done"]), FunctionPlan(name: "c", outputs: []),
        ],
        [
          "go": [
            TriggerPlan(name: "a", target: "a", .byName(["a"])), TriggerPlan(name: "b", target: "b", .byName(["b"])),
          ],
          "done": [TriggerPlan(name: "all", target: "c", .dynamicJoin(announcedBy: ["a"]))],
        ]))
    bench.begin("s")
    #expect(bench.engine.waiting.first?.producers == ["s#0 is queued"])
    try bench.run("s", puts: [("go", "a"), ("go", "b")])
    #expect(bench.engine.waiting.map(\.lacks) == [["an announcement"]])
    #expect(bench.engine.waiting.map(\.producers) == [["a#0 is queued"]])
    try bench.run("a", announces: ["done": ["x"]])
    #expect(bench.engine.waiting.map(\.lacks) == [["x"]])
    #expect(bench.engine.waiting.map(\.producers) == [["b#0 is queued"]])
  }

  @Test("A session that was ended early says what its triggers waited for, and who held them up")
  func endedEarly() throws {
    for end: (inout EngineBench, Attempt) -> Void in [
      { bench, _ in bench.timeOut() }, { bench, _ in bench.cancel() },
      { bench, other in bench.fail(other, isRetryable: false) },
    ] {
      var bench = EngineBench(Self.fork(.dynamicJoin(announcedBy: ["a"])))
      bench.begin("a")
      try bench.run("a", puts: [("work", "1"), ("work", "2"), ("done", "z")], announces: ["done": ["x", "y", "z"]])
      let hung = try bench.start("b")
      end(&bench, try bench.start("b"))
      let waiting = try #require(bench.engine.waiting.first)
      #expect(waiting.trigger == "done/t0" && waiting.lacks == ["x", "y"])
      #expect(waiting.producers.first == "b#0 was running on pod/app/0")
      bench.commit(hung, puts: [("done", "x")])
      #expect(bench.engine.waiting == [waiting], "what comes after the end changes nothing")
      #expect(bench.violations == [])
    }
  }

  @Test("A session that came to its end says nothing of branches that were not taken")
  func succeeded() throws {
    var bench = EngineBench(Self.fork(.bySet(["x"]), .redundant(.init(count: 2, take: 1))))
    bench.begin("a")
    try bench.run("a")
    #expect(bench.ended?.state == .succeeded)
    #expect(bench.engine.waiting.isEmpty)
  }

  @Test("What an ended session keeps of it is bounded, and goes when room is needed")
  func bounded() throws {
    let names = (0..<16).map { "\($0)" + String(repeating: "n", count: 1000) }
    var bench = EngineBench(Self.fork(.bySet(names), .bySet(names), .bySet(["x"])))
    bench.begin("a")
    bench.timeOut()
    #expect(bench.engine.waiting.map(\.trigger) == ["done/t0", "done/t1", "done/t2", "work/each"])
    #expect(bench.engine.waiting.map(\.lacks) == [names, ["(not kept)"], ["(not kept)"], ["(not kept)"]])
    #expect(bench.engine.keptByteCount > bench.engine.log.byteCount + 16_000)
    #expect(bench.engine.keptByteCount < bench.engine.log.byteCount + 2 * SessionEngine.unfiredByteLimit)
    bench.engine.shedLog()
    #expect(bench.engine.waiting.isEmpty)
    #expect(bench.engine.keptByteCount == bench.engine.log.byteCount)
  }

  @Test("An object that waits in a batch or window across sessions is told of, with when the clock ends that")
  func acrossSessions() {
    let compiled = CompiledPlan(Self.fork(.byBatchSize(.init(count: 3, maxWait: "1m")), .byTime(.init(window: "10s"))))
    var triggers = WorkflowTriggers()
    var now = Moment(monotonic: .seconds(5), wall: .seconds(1003))
    for (handle, session) in ["s", "s", "other"].enumerated() {
      for trigger in handle == 2 ? 1..<2 : 0..<2 {
        let object = ObjectReference(bucket: 0, key: "k", handle: UInt64(handle))
        _ = triggers.objectArrived(object, of: session, at: trigger, of: compiled, now: now)
      }
    }
    now = now + .seconds(2)
    let waiting = triggers.waiting(of: "s", now: now)
    #expect(
      waiting == [
        .init(
          trigger: "done/t0", target: "c", lacks: ["1 more object (in a batch, 2 of 3)"],
          producers: ["any session that puts there", "the clock, in 58s"], held: 2),
        .init(
          trigger: "done/t1", target: "c", lacks: ["the end of a window with 3 objects"],
          producers: ["the clock, in 5s"], held: 2),
      ])
    #expect(triggers.waiting(of: "other", now: now).map(\.held) == [1])
    _ = triggers.timeCame(now: now + .seconds(58))
    #expect(triggers.waiting(of: "s", now: now).isEmpty)
  }
}
