import Dataflow
import Testing

@testable import Triggers

@Suite("Session engine: dynamic join")
struct DynamicJoinTests {
  /// `a` announces and hands out work, `b` does it, `c` joins it.
  private let fork = plan(
    [
      FunctionPlan(name: "a", outputs: ["work", "done"]), FunctionPlan(name: "b", outputs: ["done"]),
      FunctionPlan(name: "c", outputs: []),
    ],
    [
      "work": [TriggerPlan(name: "each", target: "b", .immediate)],
      "done": [TriggerPlan(name: "all", target: "c", .dynamicJoin(announcedBy: ["a"]))],
    ])
  /// Two announcers that a third function sets off.
  private let two = plan(
    entry: "s",
    [
      FunctionPlan(name: "s", outputs: ["go"]), FunctionPlan(name: "a", outputs: ["done"]),
      FunctionPlan(name: "b", outputs: ["done"]), FunctionPlan(name: "c", outputs: []),
    ],
    [
      "go": [TriggerPlan(name: "a", target: "a", .byName(["a"])), TriggerPlan(name: "b", target: "b", .byName(["b"]))],
      "done": [TriggerPlan(name: "all", target: "c", .dynamicJoin(announcedBy: ["a", "b"]))],
    ])

  @Test("Fires once when all that was announced is there, in the order of announcement")
  func joins() throws {
    var bench = EngineBench(fork)
    bench.begin("a")
    try bench.run("a", puts: [("work", "1"), ("work", "2")], announces: ["done": ["y", "x"]])
    try bench.run("b", puts: [("done", "x")])
    #expect(bench.queuedNames == ["b"])
    #expect(bench.engine.waiting.first?.lacks.first == "y")
    try bench.run("b", puts: [("done", "y")])
    #expect(bench.queuedNames == ["c"])
    #expect(bench.queued[0].inputs.map(\.key) == ["y", "x"])
    try bench.run("c")
    #expect(bench.ended?.state == .succeeded)
    #expect(bench.violations == [])
  }

  @Test("Announcing nothing fires with no inputs")
  func announcesNothing() throws {
    var bench = EngineBench(fork)
    bench.begin("a")
    try bench.run("a")
    #expect(bench.queuedNames == ["c"])
    #expect(bench.queued[0].inputs.isEmpty)
    try bench.run("c")
    #expect(bench.ended?.state == .succeeded)
    #expect(bench.violations == [])
  }

  @Test("Objects may come before their announcement; those that are not announced are let go")
  func announcedLate() throws {
    var bench = EngineBench(two)
    bench.begin("s")
    try bench.run("s", puts: [("go", "a"), ("go", "b")])
    try bench.run("a", puts: [("done", "late"), ("done", "stray")], announces: ["done": []])
    #expect(bench.held.count == 3)
    try bench.run("b", announces: ["done": ["late"]])
    #expect(bench.queuedNames == ["c"])
    #expect(bench.queued[0].inputs.map(\.key) == ["late"])
    #expect(bench.held.count == 1)
    try bench.run("c")
    #expect(bench.ended?.state == .succeeded)
    #expect(bench.violations == [])
  }

  @Test("What was not announced is let go once nobody can announce it, while the join waits for the rest")
  func strays() throws {
    var bench = EngineBench(fork)
    bench.begin("a")
    try bench.run(
      "a", puts: [("work", "1"), ("done", "stray"), ("done", "x")], announces: ["done": ["x", "y"]])
    // The work, and the object that the join waits with.
    #expect(bench.held.count == 2)
    try bench.run("b", puts: [("done", "y")])
    #expect(bench.queued.map { $0.inputs.map(\.key) } == [["x", "y"]])
    #expect(bench.violations == [])
  }

  @Test("It does not fire before every announcer is through, even when all that is announced is there")
  func waitsForAnnouncers() throws {
    var bench = EngineBench(two)
    bench.begin("s")
    try bench.run("s", puts: [("go", "a"), ("go", "b")])
    try bench.run("a", puts: [("done", "x")], announces: ["done": ["x"]])
    #expect(bench.queuedNames == ["b"])
    try bench.run("b", puts: [("done", "y")], announces: ["done": ["x", "y", "x"]])
    #expect(bench.queued.map { $0.inputs.map(\.key) } == [["x", "y"]])
    try bench.run("c")
    #expect(bench.ended?.state == .succeeded)
    #expect(bench.violations == [])
  }

  @Test("An announcer that is tried again announces once")
  func retriedAnnouncer() throws {
    var bench = EngineBench(fork)
    bench.begin("a")
    let first = try bench.start("a")
    bench.fail(first)
    #expect(bench.queued.isEmpty)
    try bench.passPause()
    try bench.run("a", puts: [("done", "x")], announces: ["done": ["x"]])
    // The first attempt's report comes late: what it announces and puts vanishes.
    bench.commit(first, puts: [("done", "z")], announces: ["done": ["z"]])
    #expect(bench.queued.map { $0.inputs.map(\.key) } == [["x"]])
    try bench.run("c")
    #expect(bench.ended?.state == .succeeded)
    #expect(bench.violations == [])
  }

  @Test("An announcement that no join waits for is a fault, and says which field mends it")
  func strangers() throws {
    for (announcer, bucket) in [("a", "work"), ("b", "done")] {
      var bench = EngineBench(fork)
      bench.begin("a")
      if announcer == "b" { try bench.run("a", puts: [("work", "1")], announces: ["done": ["x"]]) }
      try bench.run(announcer, announces: [bucket: ["more"]])
      #expect(bench.ended?.state == .failed)
      #expect(bench.ended?.message.contains("announced keys for bucket \"\(bucket)\"") == true)
      #expect(bench.ended?.message.contains("announcedBy") == true)
      #expect(bench.violations == [])
    }
  }

  @Test("A join that is never announced was not taken, and lets its objects go")
  func notAnnounced() throws {
    var bench = EngineBench(two)
    bench.begin(bucket: "done", key: "x")
    #expect(bench.ended?.state == .succeeded)
    #expect(bench.held.isEmpty)
    #expect(bench.violations == [])
  }

  @Test("A join that lacks keys when the bucket closes stalls, naming them")
  func stalls() throws {
    var bench = EngineBench(fork)
    bench.begin("a")
    try bench.run("a", puts: [("done", "k0")], announces: ["done": (0..<9).map { "k\($0)" }])
    #expect(bench.ended?.state == .stalled)
    #expect(
      bench.ended?.message == "nothing runs any more, but done/all lacks k1, k2, k3, k4, k5 and 3 more")
    #expect(bench.violations == [])
  }

  @Test("Announcing for a bucket that is not there fails the invocation")
  func unknownBucket() throws {
    var bench = EngineBench(fork)
    bench.begin("a")
    try bench.run("a", puts: [("done", "x")], announces: ["dnoe": ["x"]])
    #expect(bench.ended?.state == .failed)
    #expect(bench.ended?.message.contains("bucket \"dnoe\"") == true)
    #expect(bench.violations == [])
  }
}
