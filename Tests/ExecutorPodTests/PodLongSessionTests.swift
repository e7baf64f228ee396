import Dataflow
import ObjectStore
import Scheduling
import Testing
import Triggers
import Wire

@testable import ExecutorPod

@Suite("Pod core: sessions of very many invocations")
struct PodLongSessionTests {
  /// `hack/bench engine` runs a million.
  private static let steps = 8000

  private static let plan = WorkflowPlan(
    namespace: "n", workflow: "w", revision: "1", entry: "a",
    functions: [FunctionPlan(name: "a", outputs: ["x"], calls: ["a"], timeout: .seconds(10))],
    buckets: [
      BucketPlan(
        name: "x",
        triggers: [
          TriggerPlan(
            name: "t", target: "a", .immediate,
            recovery: RecoveryPlan(source: "a", timeout: .milliseconds(500), limit: 1))
        ])
    ], sessionTimeout: .seconds(3600), invocationLimit: steps + 1)

  /// What the pod holds at one moment.
  private struct Holdings: Hashable {
    var bytes: Int
    var objects: Int
    var segments: Int
    var attempts: Int
    var timers: Int
    var queued: Int

    init(_ core: PodCore) {
      bytes = core.ledger.used
      objects = core.ledger.objectCount
      segments = core.ledger.segmentCount
      attempts = core.attempts.count
      timers = core.timers.count
      queued = core.scheduler.queuedCount + core.parked.count
    }
  }

  @Test("A chain, by direct calls or by default keys, takes no more of the pod at its end", arguments: [true, false])
  func chain(byCalls: Bool) throws {
    var bench = PodBench(Self.plan)
    let worker = bench.join(functions: ["a"])
    bench.start("s", function: "a")
    var early: Set<Holdings> = []
    for step in 0..<Self.steps {
      let firing = try #require(bench.workers[worker]?.invoke?.firing)
      let location = try bench.room(8, worker)
      let key = DefaultKey.make(firing: firing, index: 1)
      bench.finish(
        worker,
        byCalls
          ? Transaction(calls: [.init(function: "a", key: key, location: location)])
          : Transaction(puts: [.init(bucket: "x", key: key, location: location)]))
      bench.now = bench.now + .milliseconds(1)
      let holdings = Holdings(bench.core)
      // In so many steps the worker has gone through its arenas and come back to the first.
      if step < 4000 { early.insert(holdings) } else { #expect(early.contains(holdings), "step \(step)") }
      #expect(bench.core.timers.storedCount <= 2 * bench.core.timers.count + 64)
    }
    bench.finish(worker)
    #expect(bench.delivery("s")?.state == .succeeded)
    #expect(bench.core.sessions["s"]?.engine.invocationCount == Self.steps + 1)
    #expect(bench.core.ledger.objectCount == 0)
    #expect(bench.core.attempts.isEmpty)
    #expect(bench.closed == [:])
    #expect(bench.violations == [])
  }
}
