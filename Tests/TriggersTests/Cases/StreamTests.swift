import Dataflow
import Testing

@testable import Triggers

@Suite("Streams: keys that an invocation publishes and puts again")
struct StreamTests {
  private static func begun() throws -> EngineBench {
    var bench = EngineBench(
      plan(
        [
          FunctionPlan(name: "a", outputs: ["x", "y"], publish: .immediately), FunctionPlan(name: "b", outputs: []),
        ], ["x": [TriggerPlan(name: "t", target: "b", .byName([]))], "y": []]))
    bench.begin("a")
    try bench.start("a")
    return bench
  }

  /// Without the bench, whose records of what happened grow.
  private static func stream(
    _ engine: inout SessionEngine, _ attempt: Attempt, _ puts: some Sequence<(bucket: String, index: Int)>
  ) -> Int {
    var released = 0
    for (bucket, index) in puts {
      let key = DefaultKey.make(firing: attempt.firing, index: index)
      let event = SessionEvent.objectPublished(
        invocation: attempt.invocation, attempt: attempt.attempt,
        .init(bucket: bucket, key: key, handle: UInt64(1_000_000 + index)))
      released += engine.apply(event, now: Moment(monotonic: .seconds(200), wall: .zero)).count
    }
    return released
  }

  @Test("A stream of any length by default keys takes constant memory")
  func long() throws {
    var bench = try Self.begun()
    let attempt = bench.running[0]
    let count = 3 * RecentKeys.limit
    #expect(Self.stream(&bench.engine, attempt, (1...count).lazy.map { ("x", $0) }) == count)
    // The latest keys twice, and what the log shows.
    #expect(
      Texts(attempt.firing.text, in: bench.engine).count <= 2 * RecentKeys.limit + 2 * SessionLog.keptAtEachEnd + 1)
    #expect(bench.engine.keyCount == 1)
    bench.commit(attempt)
    #expect(bench.engine.keyCount == 0)
    #expect(bench.ended?.state == .succeeded)
  }

  @Test(
    "However old they are, the keys of a failed attempt are not published twice", arguments: [1, RecentKeys.limit + 9])
  func again(count: Int) throws {
    var bench = try Self.begun()
    let first = bench.running[0]
    // One that is missing in the middle, and some that come in another order.
    let indices = (1...2 * count).filter { $0 != count } + [2 * count + 2, 2 * count + 1]
    _ = Self.stream(&bench.engine, first, indices.map { ("x", $0) })
    bench.fail(first)
    try bench.passPause()
    let second = try bench.start("a")
    let before = bench.engine.log.entries.count + bench.engine.log.dropped
    _ = Self.stream(&bench.engine, second, indices.reversed().map { ("x", $0) })
    #expect(bench.engine.log.entries.count + bench.engine.log.dropped == before)
    // What is missing, and the same keys in another bucket, are new.
    _ = Self.stream(&bench.engine, second, [("x", count), ("y", 1), ("y", 2)])
    #expect(bench.engine.log.entries.count + bench.engine.log.dropped == before + 3)
    #expect(bench.ended == nil)
  }

  @Test("Runs of keys count against the session's limit, and no longer than their invocation lives")
  func limit() throws {
    var bench = try Self.begun()
    let attempt = bench.running[0]
    _ = Self.stream(&bench.engine, attempt, (1...1000).map { ($0 % 2 == 0 ? "x" : "y", $0) })
    #expect(bench.engine.keyCount == 1000)
    bench.engine.keyCount = SessionEngine.keyLimit
    bench.publish(attempt, "x", DefaultKey.make(firing: attempt.firing, index: 2000).text)
    #expect(bench.ended?.message.contains("it can tell 1000000 apart; leave keys out") == true)
  }

  @Test("A key that the function chose is not published twice either, by the next attempt or its commit")
  func ownKeys() throws {
    var bench = try Self.begun()
    let first = bench.running[0]
    bench.publish(first, "x", "k")
    bench.fail(first)
    try bench.passPause()
    let held = bench.held
    let second = try bench.start("a")
    bench.publish(second, "x", "k")
    #expect(bench.held == held && bench.ended == nil)
    bench.commit(second, puts: [("x", "k"), ("x", "l")])
    #expect(bench.ended?.state == .succeeded)
    #expect(bench.violations == [])
  }

  @Test("The keys of one invocation are told apart in all buckets", arguments: [(1, 2), (2, 1)])
  func madeKeysOfNeighbours(inX: Int, inY: Int) throws {
    var bench = EngineBench(
      WorkflowPlan(
        namespace: "n", workflow: "w", revision: "1", entry: "a",
        functions: [FunctionPlan(name: "a", outputs: ["x", "y"]), FunctionPlan(name: "b", outputs: ["x", "y"])],
        buckets: ["x", "y"].map {
          BucketPlan(name: $0, triggers: [TriggerPlan(name: "t-\($0)", target: "b", .immediate)])
        }))
    bench.begin("a")
    let first = try bench.start("a")
    let puts = [("x", inX), ("y", inY)].sorted { $0.1 < $1.1 }.map { bucket, index in
      (bucket, DefaultKey.make(firing: first.firing, index: index).text)
    }
    bench.commit(first, puts: puts)
    // Each is given one of them, and puts it back where it came from.
    let second = try bench.start("b")
    let bucket = second.inputs[0].bucket == bench.engine.compiled.bucket("x") ? "x" : "y"
    bench.commit(second, puts: [(bucket, second.inputs[0].key.text)])
    #expect(bench.ended?.state == .failed)
    #expect(bench.ended?.message.contains("ObjectExists") == true)
  }
}
