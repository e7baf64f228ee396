import Dataflow
import Testing
import Wire

@testable import ExecutorPod

/// What holds memory and goes on by itself is waited for; what goes round without an end is not followed.
@Suite("Pod core: what is to come by itself") struct PodPatienceTests {
  private static let held = 500 << 10
  private static let wanted = 600 << 10

  @Test("Memory that an invocation between two attempts holds is waited for")
  func retries() throws {
    var bench = PodBench()
    let worker = bench.join()
    bench.start("holder", function: "merge", payload: Self.held)
    bench.fail(worker)
    bench.start("hungry", function: "merge", payload: 0)
    #expect(bench.workers[worker]?.invoke?.session == "hungry")
    bench.beginWaiting(Self.wanted, worker)
    #expect(bench.workers[worker]?.denial == nil)
    // Its next attempt has its turn, and lets go.
    bench.pass(.seconds(2))
    #expect(bench.workers[worker]?.denial?.contains("gives way") == true)
  }

  @Test("So is what an attempt holds whose executor's end is not known yet", arguments: [false, true])
  func bereaved(beside: Bool) throws {
    var bench = PodBench()
    bench.joinSupervisor()
    let first = bench.join(process: 77)
    bench.start("holder", function: "merge", payload: Self.held)
    let second = beside ? bench.join(slot: 1, process: 78) : nil
    if beside { bench.start("hungry", function: "merge", payload: 0) }
    if let second { bench.beginWaiting(Self.wanted, second) }
    bench.die(first, reason: "the executor died: its process has ended", hasEnded: true)
    if !beside { bench.start("hungry", function: "merge", payload: 0) }
    let waiting = second ?? bench.join(process: 79)
    #expect(bench.workers[waiting]?.invoke?.session == "hungry")
    if !beside { bench.beginWaiting(Self.wanted, waiting) }
    #expect(bench.workers[waiting]?.denial == nil)
  }

  @Test("So is what a batch holds that goes by its clock")
  func gathered() throws {
    var bench = PodBench(
      WorkflowPlan(
        namespace: "n", workflow: "w", revision: "1", entry: "f",
        functions: [FunctionPlan(name: "f", outputs: ["x"]), FunctionPlan(name: "g")],
        buckets: [
          BucketPlan(
            name: "x",
            triggers: [TriggerPlan(name: "t", target: "g", .byBatchSize(.init(count: 100, maxWait: "1s")))])
        ]))
    let workers = [bench.join(functions: ["f", "g"]), bench.join(slot: 1, functions: ["f", "g"])]
    bench.start("s", function: "f", payload: 0)
    bench.start("hungry", function: "f", payload: 0)
    let hungry = try #require(workers.first { bench.workers[$0]?.invoke?.session == "hungry" })
    let other = try #require(workers.first { $0 != hungry })
    try bench.commit(other, bucket: "x", ["k": Self.held])
    bench.beginWaiting(Self.wanted, hungry)
    #expect(bench.workers[hungry]?.denial == nil)
  }

  @Test("A window that feeds itself is not let go without an end while the pod drains")
  func windowsThatFeedThemselves() throws {
    var bench = PodBench(
      WorkflowPlan(
        namespace: "n", workflow: "w", revision: "1", entry: "f",
        functions: [FunctionPlan(name: "f", outputs: ["x", "done"])],
        buckets: [
          BucketPlan(name: "x", triggers: [TriggerPlan(name: "t", target: "f", .byTime(.init(window: "60s")))]),
          BucketPlan(name: "done", triggers: []),
        ]))
    let worker = bench.join(functions: ["f"])
    bench.start("s", function: "f", payload: 0)
    try bench.commit(worker, bucket: "x", ["k": 10])
    bench.core.drain(now: bench.now)
    // The bench looks at what the pod does whenever it is told something.
    bench.tell(.cancel(session: "nobody"))
    var rounds = 0
    while bench.workers[worker]?.invoke != nil, rounds < 1000 {
      rounds += 1
      try bench.commit(worker, bucket: "x", ["k\(rounds)": 10])
    }
    #expect(rounds > 10 && rounds < 200, "\(rounds)")
    // From then on it goes by its clock.
    bench.pass(.seconds(60))
    #expect(bench.workers[worker]?.invoke != nil)
    #expect(bench.violations == [])
  }
}
