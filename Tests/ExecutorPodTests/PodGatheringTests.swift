import Dataflow
import ObjectStore
import Testing
import Triggers
import Wire

@testable import ExecutorPod

@Suite("Pod core: batches and windows across sessions")
struct PodGatheringTests {
  private static func plan(revision: String = "1", _ primitive: Primitive, retry: Int = 0) -> WorkflowPlan {
    WorkflowPlan(
      namespace: "n", workflow: "w", revision: revision, entry: "put",
      functions: [
        FunctionPlan(name: "put", outputs: ["items"]),
        FunctionPlan(name: "take", outputs: [], retry: RetryPlan(limit: retry)),
      ],
      buckets: [BucketPlan(name: "items", triggers: [TriggerPlan(name: "batch", target: "take", primitive)])],
      sessionTimeout: .seconds(60))
  }

  private static let pairs = plan(.byBatchSize(.init(count: 2)))

  /// Sends a request whose function puts one object.
  private func put(_ key: String, _ bench: inout PodBench, _ worker: UInt64, bytes: Int = 10) throws {
    bench.start("s-\(key)", function: "put")
    #expect(bench.function(worker) == "put")
    try bench.commit(worker, bucket: "items", [key: bytes])
  }

  @Test("Objects of two sessions begin a third, which names both; both of them end before it does")
  func batch() throws {
    var bench = PodBench(Self.pairs)
    let worker = bench.join(functions: ["put", "take"])
    try put("a", &bench, worker)
    #expect(bench.delivery("s-a")?.state == .succeeded)
    #expect(bench.core.ledger.objectCount == 1)
    try put("b", &bench, worker)
    #expect(bench.delivery("s-b")?.state == .succeeded)
    #expect(bench.function(worker) == "take")
    let invoke = try #require(bench.workers[worker]?.invoke)
    #expect(invoke.inputs.map(\.key) == ["a", "b"])
    #expect(invoke.inputs.map(\.bucket) == ["items", "items"])
    #expect(invoke.session == invoke.firing.text)
    let derived = try #require(bench.core.describe(invoke.session, now: bench.now))
    #expect(derived.causes == ["s-a", "s-b"])
    #expect(bench.core.describe("s-a", now: bench.now)?.derived == [invoke.session])
    bench.finish(worker)
    #expect(bench.core.describe(invoke.session, now: bench.now)?.state == "Succeeded")
    #expect(bench.core.gatheredBytes == 0)
    #expect(bench.core.totals.fired == ["items": ["batch": 1]])
    // Its end is nobody's answer.
    #expect(bench.delivery(invoke.session) == nil)
    #expect(bench.core.ledger.objectCount == 0)
    #expect(bench.violations == [])
  }

  @Test("A batch that nobody completes goes after maxWait, by default the session's timeout")
  func maxWait() throws {
    var bench = PodBench(Self.pairs)
    let worker = bench.join(functions: ["put", "take"])
    try put("a", &bench, worker)
    bench.pass(.seconds(59))
    #expect(bench.function(worker) == nil)
    bench.pass(.seconds(1))
    #expect(bench.function(worker) == "take")
    bench.finish(worker)
    #expect(bench.core.activeSessions == 0)
    #expect(bench.violations == [])
  }

  @Test("A window ends by the clock, without another object, and only when something came in it")
  func window() throws {
    var bench = PodBench(Self.plan(.byTime(.init(window: "1s"))))
    let worker = bench.join(functions: ["put", "take"])
    bench.pass(.seconds(3))
    #expect(bench.core.sessions.isEmpty)
    try put("a", &bench, worker)
    try put("b", &bench, worker)
    bench.pass(.seconds(1))
    #expect(bench.workers[worker]?.invoke?.inputs.map(\.key) == ["a", "b"])
    #expect(bench.violations == [])
  }

  @Test("A derived session that fails leaves dead letters, and nothing else fails with it")
  func deadLetters() throws {
    var bench = PodBench(Self.pairs)
    bench.tell(.registered(version: 1, features: .current, coordinator: "c"))
    let worker = bench.join(functions: ["put", "take"])
    try put("a", &bench, worker)
    try put("b", &bench, worker)
    let session = try #require(bench.workers[worker]?.invoke?.session)
    bench.fail(worker, "no such table", isRetryable: false)
    #expect(bench.core.totals.deadLetters == ["items": 2])
    let message = "take#0 failed in its only attempt: no such table"
    #expect(
      bench.told.contains(
        .deadLetter(.init(session: session, bucket: "items", trigger: "batch", objects: 2, message: message))))
    #expect(bench.core.currentLoad().buckets.first?.deadLetters == 2)
    #expect(bench.core.ledger.objectCount == 0)
    for session in ["s-a", "s-b"] { #expect(bench.delivery(session)?.state == .succeeded) }
    #expect(bench.violations == [])
  }

  @Test("A trigger that a new plan changes fires on what it holds; one that it leaves alone goes on")
  func planChange() throws {
    var bench = PodBench(Self.pairs)
    let worker = bench.join(functions: ["put", "take"])
    try put("a", &bench, worker)
    bench.apply(Self.plan(revision: "2", .byBatchSize(.init(count: 2)), retry: 5))
    bench.finishAll()
    #expect(bench.core.gathering.heldCount == 1)
    bench.apply(Self.plan(revision: "3", .byBatchSize(.init(count: 3))))
    #expect(bench.workers[worker]?.invoke?.inputs.map(\.key) == ["a"])
    bench.finish(worker)
    for key in ["b", "c"] { try put(key, &bench, worker) }
    #expect(bench.function(worker) == nil)
    #expect(bench.violations == [])
  }

  @Test("A pod that drains lets go of what it gathers, also of what its last sessions still put")
  func drain() throws {
    var bench = PodBench(Self.pairs)
    let worker = bench.join(functions: ["put", "take"])
    try put("a", &bench, worker)
    bench.start("s-b", function: "put")
    bench.tell(.drain)
    try bench.commit(worker, bucket: "items", ["b": 10])
    var taken: [String] = []
    while let invoke = bench.workers[worker]?.invoke {
      taken += invoke.inputs.map(\.key.text)
      bench.finish(worker)
    }
    #expect(taken == ["a", "b"])
    #expect(bench.core.gathering.heldCount == 0)
    #expect(bench.core.activeSessions == 0)
    #expect(bench.violations == [])
  }

  @Test("A pod that drains begins nothing for an empty window, whatever plan comes; one that holds something goes")
  func drainOfEmptyWindows() throws {
    var bench = PodBench(Self.plan(.byTime(.init(window: "1s", fireEmpty: true))))
    let worker = bench.join(functions: ["put", "take"])
    bench.pass(.seconds(1))
    #expect(bench.workers[worker]?.invoke?.inputs.isEmpty == true)
    bench.finish(worker)
    bench.start("s-a", function: "put")
    bench.tell(.drain)
    bench.apply(Self.plan(revision: "2", .byTime(.init(window: "2s", fireEmpty: true))))
    bench.pass(.seconds(10))
    #expect(bench.function(worker) == "put")
    // What the last session still puts is let go of with it, by the plan that it runs by.
    try bench.commit(worker, bucket: "items", ["a": 10])
    #expect(bench.workers[worker]?.invoke?.inputs.map(\.key) == ["a"])
    bench.finish(worker)
    #expect(bench.core.totals.fired == ["items": ["batch": 2]])
    bench.pass(.seconds(3600))
    #expect(bench.core.totals.fired == ["items": ["batch": 2]])
    #expect(bench.core.sessions.isEmpty)
    #expect(bench.core.nextDeadline == nil)
    #expect(bench.violations == [])
  }

  @Test("No sessions are taken while what is gathered uses a quarter of the memory")
  func intake() throws {
    var bench = PodBench(Self.plan(.byBatchSize(.init(count: 1000))))
    let worker = bench.join(functions: ["put", "take"])
    var index = 0
    while bench.core.gatheredBytes <= 1 << 18, index < 100 {
      index += 1
      try put("k\(index)", &bench, worker, bytes: 20 << 10)
    }
    bench.start("late", function: "put")
    let reason = bench.told.compactMap { frame in
      if case .refused("late", let reason, false) = frame { reason } else { nil }
    }
    #expect(reason == ["objects that wait for a batch or a window use a quarter of the pod's object memory"])
    bench.pass(.seconds(60))
    #expect(bench.function(worker) == "take")
    bench.finishAll()
    #expect(bench.core.gatheredBytes == 0)
    #expect(bench.violations == [])
  }
}
