import Dataflow
import ObjectStore
import Scheduling
import Testing
import Triggers
import Wire

@testable import ExecutorPod

@Suite("Pod core: several attempts, streaming, calls and recording")
struct PodAttemptTests {
  private static let speculative = WorkflowPlan(
    namespace: "n", workflow: "w", revision: "1", entry: "slow",
    functions: [FunctionPlan(name: "slow", outputs: ["done"]), FunctionPlan(name: "end", outputs: [])],
    buckets: [
      BucketPlan(
        name: "done",
        triggers: [
          TriggerPlan(
            name: "t", target: "end", .immediate,
            recovery: RecoveryPlan(source: "slow", timeout: .milliseconds(500), limit: 1))
        ])
    ])

  private static let redundant = WorkflowPlan(
    namespace: "n", workflow: "w", revision: "1", entry: "ask",
    functions: [
      FunctionPlan(name: "ask", outputs: ["questions"]), FunctionPlan(name: "try", outputs: ["answers"]),
      FunctionPlan(name: "end", outputs: []),
    ],
    buckets: [
      BucketPlan(
        name: "answers",
        triggers: [TriggerPlan(name: "first", target: "end", .redundant(.init(count: 3, take: 1)))]),
      BucketPlan(name: "questions", triggers: [TriggerPlan(name: "each", target: "try", .immediate)]),
    ])

  @Test("A straggler gets company; the first to commit counts, and the other is told and its objects vanish")
  func speculation() throws {
    var bench = PodBench(Self.speculative)
    let one = bench.join(slot: 0, functions: ["slow", "end"])
    let two = bench.join(slot: 1, functions: ["slow", "end"])
    bench.start("s", function: "slow")
    let first = bench.function(one) == "slow" ? one : two
    let second = first == one ? two : one
    #expect(bench.function(second) == nil)
    bench.pass(.milliseconds(500))
    #expect(bench.function(second) == "slow")
    #expect(bench.workers[second]?.invoke?.attempt == 2)
    #expect(bench.workers[second]?.invoke?.firing == bench.workers[first]?.invoke?.firing)
    try bench.commit(second, bucket: "done", ["x": 10])
    #expect(bench.workers[first]?.wasCancelled == true)
    #expect(bench.function(second) == "end")
    // No third attempt, however long it takes.
    bench.pass(.seconds(4))
    #expect(bench.core.attempts.count == 2)
    try bench.commit(first, bucket: "done", ["x": 10])
    bench.finish(second)
    #expect(bench.delivery("s")?.state == .succeeded)
    #expect(bench.core.sessions["s"]?.engine.invocationCount == 2)
    // Its retention, and perhaps the load's.
    #expect(bench.core.timers.count <= 2)
    bench.pass(.seconds(301))
    #expect(bench.core.ledger.objectCount == 0)
    #expect(bench.violations == [])
  }

  @Test("An attempt that fails beside another is not made again while the other runs")
  func failsBeside() throws {
    var bench = PodBench(Self.speculative)
    let workers = [0, 1].map { bench.join(slot: $0, functions: ["slow", "end"]) }
    bench.start("s", function: "slow")
    bench.pass(.milliseconds(500))
    bench.fail(workers[0])
    bench.pass(.seconds(2))
    #expect(bench.function(workers[0]) == nil)
    try bench.commit(workers[1], bucket: "done", ["x": 10])
    bench.finishAll()
    #expect(bench.delivery("s")?.state == .succeeded)
    #expect(bench.violations == [])
  }

  @Test("What a redundant trigger does not need is cancelled where it runs and taken out where it waits")
  func cancelsSuperfluous() throws {
    var bench = PodBench(Self.redundant)
    let workers = [0, 1].map { bench.join(slot: $0, functions: ["ask", "try", "end"]) }
    bench.start("s", function: "ask")
    let asking = try #require(workers.first { bench.function($0) == "ask" })
    try bench.commit(asking, bucket: "questions", ["1": 1, "2": 1, "3": 1])
    #expect(workers.allSatisfy { bench.function($0) == "try" })
    try bench.commit(workers[0], bucket: "answers", ["a": 1])
    #expect(bench.function(workers[0]) == "end")
    #expect(bench.workers[workers[1]]?.wasCancelled == true)
    bench.finish(workers[0])
    // The session does not wait for what nobody needs.
    #expect(bench.delivery("s")?.state == .succeeded)
    #expect(bench.core.sessions["s"]?.engine.invocationCount == 5)
    bench.fail(workers[1], "cancelled")
    #expect(bench.core.attempts.isEmpty)
    #expect(bench.core.scheduler.queuedCount == 0)
    #expect(bench.violations == [])
  }

  @Test("A streaming function's objects fire before it ends, and a second attempt's copies vanish")
  func streaming() throws {
    let plan = WorkflowPlan(
      namespace: "n", workflow: "w", revision: "1", entry: "stream",
      functions: [
        FunctionPlan(name: "stream", outputs: ["parts"], publish: .immediately), FunctionPlan(name: "end", outputs: []),
      ],
      buckets: [BucketPlan(name: "parts", triggers: [TriggerPlan(name: "t", target: "end", .immediate)])])
    var bench = PodBench(plan)
    let one = bench.join(slot: 0, functions: ["stream"])
    let two = bench.join(slot: 1, functions: ["end"])
    bench.start("s", function: "stream")
    #expect(bench.workers[one]?.invoke?.publishesImmediately == true)
    func publish(_ key: String) throws {
      let invocation = try #require(bench.workers[one]?.invoke?.invocation)
      let location = try bench.room(10, one)
      bench.send(
        .published(.init(invocation: invocation, put: .init(bucket: "parts", key: Label(key), location: location))), one
      )
    }
    try publish("a")
    #expect(bench.workers[two]?.invoke?.inputs.map(\.key) == ["a"])
    bench.finish(two)
    bench.fail(one)
    bench.pass(.seconds(1))
    #expect(bench.workers[one]?.invoke?.attempt == 2)
    try publish("a")
    #expect(bench.function(two) == nil)
    try publish("b")
    #expect(bench.workers[two]?.invoke?.inputs.map(\.key) == ["b"])
    bench.finish(two)
    bench.finish(one)
    #expect(bench.delivery("s")?.state == .succeeded)
    #expect(bench.core.ledger.objectCount == 0)
    #expect(bench.violations == [])
  }

  @Test("A worker that publishes for an attempt that it was not given, or under a name that cannot be, goes")
  func hostilePublishing() throws {
    for key in ["", String(repeating: "k", count: 2000)] {
      var bench = PodBench(Self.speculative)
      let worker = bench.join(functions: ["slow", "end"])
      bench.start("s", function: "slow")
      let invocation = try #require(bench.workers[worker]?.invoke?.invocation)
      let location = try bench.room(10, worker)
      bench.send(
        .published(.init(invocation: invocation, put: .init(bucket: "done", key: Label(key), location: location))),
        worker)
      #expect(bench.closed[worker] != nil)
      #expect(bench.core.attempts.values.allSatisfy { $0.executor == nil })
    }
    var bench = PodBench(Self.speculative)
    let worker = bench.join(functions: ["slow", "end"])
    bench.send(
      .published(
        .init(
          invocation: 77,
          put: .init(bucket: "done", key: "k", location: .init(segment: 0, offset: 0, length: 0)))), worker)
    #expect(bench.closed[worker] != nil)
  }

  @Test("A call goes straight to its function with the bytes that were sent")
  func calls() throws {
    let plan = WorkflowPlan(
      namespace: "n", workflow: "w", revision: "1", entry: "a",
      functions: [FunctionPlan(name: "a", outputs: [], calls: ["b"]), FunctionPlan(name: "b", outputs: [])],
      buckets: [])
    var bench = PodBench(plan)
    let worker = bench.join(functions: ["a", "b"])
    bench.start("s", function: "a")
    let location = try bench.room(33, worker)
    bench.finish(worker, Transaction(calls: [.init(function: "b", key: "k", group: nil, location: location)]))
    #expect(bench.function(worker) == "b")
    #expect(bench.workers[worker]?.invoke?.inputs.map(\.key) == ["k"])
    #expect(bench.workers[worker]?.invoke?.inputs.map(\.location.length) == [33])
    bench.finish(worker)
    #expect(bench.delivery("s")?.state == .succeeded)
    #expect(bench.core.ledger.objectCount == 0)
    #expect(bench.violations == [])
  }

  @Test("A recorded session can be run again and decides the same")
  func recording() throws {
    var bench = PodBench(Self.speculative)
    let worker = bench.join(functions: ["slow", "end"])
    bench.tell(
      .start(
        .init(
          session: "s", origin: .invoke(function: "slow"), payload: [1], requestHash: "h", isRecorded: true)))
    try bench.commit(worker, bucket: "done", ["x": 10])
    bench.finish(worker)
    let recording = try #require(bench.core.sessions["s"]?.recording)
    let report = try recording.replay()
    #expect(report.disagreement == nil)
    #expect(report.outcome == "Succeeded")
    #expect(report.events == recording.steps.count)
    #expect(!recording.isTruncated)
  }

  @Test("Timers of what is over do not pile up")
  func timersGo() throws {
    var bench = PodBench(Self.speculative)
    let worker = bench.join(functions: ["slow", "end"])
    for index in 0..<1000 {
      bench.start("s\(index)", function: "slow")
      try bench.commit(worker, bucket: "done", ["x": 1])
      bench.finish(worker)
    }
    // One for each session's retention, and the load's.
    #expect(bench.core.timers.count <= 1001)
    #expect(bench.core.timers.storedCount <= 2 * 1001 + 64)
  }
}
