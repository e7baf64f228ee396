import Dataflow
import ObjectStore
import Scheduling
import Testing
import Triggers
import Wire

@testable import ExecutorPod

@Suite("A worker that goes on by itself")
struct PodContinuingTests {
  static func chain(timeout: Duration? = nil, inline: Bool? = nil) -> WorkflowPlan {
    WorkflowPlan(
      namespace: "n", workflow: "w", revision: "1", entry: "first",
      functions: [
        FunctionPlan(name: "first", outputs: ["steps", "done"]),
        FunctionPlan(name: "next", outputs: ["steps", "done"], timeout: timeout), FunctionPlan(name: "last"),
      ],
      buckets: [
        BucketPlan(name: "done", triggers: [TriggerPlan(name: "last", target: "last", .byName(["end"]))]),
        BucketPlan(name: "steps", triggers: [TriggerPlan(name: "each", target: "next", .immediate)]),
      ], inlineContinuation: inline)
  }

  private func bench(_ plan: WorkflowPlan = chain()) -> (PodBench, worker: UInt64) {
    var bench = PodBench(plan)
    let worker = bench.join(functions: ["first", "next", "last"])
    bench.start("s", function: "first")
    return (bench, worker)
  }

  private func put(_ bench: inout PodBench, _ worker: UInt64, _ key: String, in bucket: String = "steps") throws
    -> Transaction
  {
    Transaction(puts: [.init(bucket: bucket, key: Label(key), location: try bench.room(100, worker))])
  }

  private func checkEmpty(_ bench: inout PodBench) {
    bench.pass(.seconds(400))
    for connection in bench.workers.keys { bench.die(connection) }
    #expect(bench.core.attempts.isEmpty)
    #expect(bench.core.ledger.objectCount == 0)
    #expect(bench.violations == [])
  }

  @Test("Its reports are the session's steps, as if the sidecar had sent each invocation")
  func steps() throws {
    var (bench, worker) = bench()
    for step in 0..<5 { try bench.proceed(worker, put(&bench, worker, "k\(step)")) }
    #expect(bench.function(worker) == "next")
    #expect(bench.core.scheduler.busyCount == 1)
    try bench.proceed(worker, put(&bench, worker, "end", in: "done"))
    bench.finish(worker, Transaction(outputs: [.init(name: "", location: try bench.room(10, worker))]))
    #expect(bench.delivery("s")?.state == .succeeded)
    #expect(bench.delivery("s")?.outputs.count == 1)
    #expect(bench.core.totals.invocations == 7)
    #expect(bench.core.scheduler.busyCount == 0)
    checkEmpty(&bench)
  }

  @Test("What leads to two functions, or to none, is the scheduler's")
  func whatContinues() throws {
    var (bench, worker) = bench()
    let table = try #require(bench.workers[worker]?.continuations)
    let (one, other) = (try put(&bench, worker, "a"), try put(&bench, worker, "b"))
    #expect(table.route(after: one)?.function == "next")
    #expect(table.route(after: Transaction(puts: one.puts + other.puts)) == nil)
    #expect(table.route(after: try put(&bench, worker, "other", in: "done")) == nil)
    #expect(table.route(after: Transaction()) == nil)
    var calling = one
    calling.calls = [.init(function: "next", key: "c", location: one.puts[0].location)]
    #expect(table.route(after: calling) == nil)
  }

  @Test("Where two triggers lead to one function, each firing is the scheduler's")
  func twoTriggersOfOneTarget() {
    var plan = Self.chain()
    plan.buckets[1].triggers.append(TriggerPlan(name: "some", target: "next", .redundant(.init(count: 2, take: 1))))
    let (bench, worker) = bench(plan)
    #expect(bench.workers[worker]?.continuations?.buckets.map(\.name) == ["done"])
  }

  @Test("A worker that goes on where it may not is closed, and its session's invocation made again")
  func notAllowed() throws {
    var (bench, worker) = bench()
    let puts = [try put(&bench, worker, "a"), try put(&bench, worker, "b")].flatMap(\.puts)
    let number = try #require(bench.workers[worker]?.invoke?.invocation)
    let report = WorkerFrame.Finished(
      invocation: number, result: .committed(Transaction(puts: puts)), continues: true)
    bench.send(.finished(report), worker)
    #expect(bench.closed[worker]?.contains("where its plan does not let it") == true)
    let second = bench.join(functions: ["first", "next", "last"])
    bench.pass(.seconds(2))
    #expect(bench.function(second) == "first")
    bench.finish(second)
    checkEmpty(&bench)
  }

  @Test("A workflow can do without")
  func switchedOff() throws {
    var (bench, worker) = bench(Self.chain(inline: false))
    #expect(bench.workers[worker]?.continuations == nil)
    let transaction = try put(&bench, worker, "a")
    try bench.stay(worker, transaction)
    let number = try #require(bench.workers[worker]?.invoke?.invocation)
    bench.send(
      .finished(.init(invocation: number, result: .committed(transaction), continues: true)), worker)
    #expect(bench.closed[worker] != nil)
  }

  @Test("A run has an end")
  func hopLimit() throws {
    var (bench, worker) = bench()
    for step in 0..<Continuations.hopLimit { try bench.proceed(worker, put(&bench, worker, "k\(step)")) }
    #expect(bench.closed.isEmpty)
    _ = bench.goOn(worker, try put(&bench, worker, "one too many"))
    #expect(bench.closed[worker]?.contains("more than 64 times") == true)
  }

  @Test("A cancelled session's run is called back, and nothing of it is kept")
  func cancelled() throws {
    var (bench, worker) = bench()
    try bench.proceed(worker, put(&bench, worker, "a"))
    bench.tell(.cancel(session: "s"))
    #expect(bench.workers[worker]?.wasCancelled == true)
    // The worker has gone on before it hears of it.
    try bench.proceed(worker, put(&bench, worker, "b"))
    #expect(bench.core.scheduler.busyCount == 1)
    bench.start("t", function: "first")
    bench.fail(worker, "CancellationError()")
    #expect(bench.function(worker) == "first")
    bench.finish(worker)
    #expect(bench.delivery("s")?.state == .cancelled)
    #expect(bench.delivery("t")?.state == .succeeded)
    checkEmpty(&bench)
  }

  @Test("A commit that is refused gives up what the worker has gone on with")
  func refusedCommit() throws {
    var (bench, worker) = bench()
    try bench.proceed(worker, put(&bench, worker, "same"))
    let again = try put(&bench, worker, "same")
    try bench.proceed(worker, again)
    #expect(bench.delivery("s")?.message.contains("ObjectExists") == true)
    #expect(bench.workers[worker]?.wasCancelled == true)
    bench.finish(worker, Transaction(puts: [.init(bucket: "steps", key: "z", location: try bench.room(5, worker))]))
    checkEmpty(&bench)
  }

  @Test("When it dies, what it had reported stays, and what it ran is made again")
  func death() throws {
    var (bench, worker) = bench()
    for step in 0..<3 { try bench.proceed(worker, put(&bench, worker, "k\(step)")) }
    bench.die(worker)
    let second = bench.join(functions: ["first", "next", "last"])
    bench.pass(.seconds(2))
    #expect(bench.function(second) == "next")
    #expect(bench.workers[second]?.invoke?.inputs.map(\.key) == ["k2"])
    #expect(bench.workers[second]?.invoke?.attempt == 2)
    bench.finish(second)
    #expect(bench.delivery("s")?.state == .succeeded)
    #expect(bench.core.totals.invocations == 5)
    checkEmpty(&bench)
  }

  @Test("A function's timeout holds for what the worker has begun by itself")
  func timeout() throws {
    var (bench, worker) = bench(Self.chain(timeout: .seconds(2)))
    try bench.proceed(worker, put(&bench, worker, "a"))
    #expect(bench.workers[worker]?.invoke?.timeout == 2_000_000_000)
    bench.pass(.seconds(3))
    #expect(bench.closed[worker]?.contains("took longer than its timeout of 2s") == true)
  }

  @Test("No two tables have one number, also when a plan between them has none")
  func numbersOfTables() throws {
    var (bench, worker) = bench()
    let first = try #require(bench.workers[worker]?.continuations)
    var plan = Self.chain(inline: false)
    plan.revision = "2"
    bench.apply(plan)
    plan = Self.chain()
    plan.revision = "3"
    bench.apply(plan)
    let last = try #require(bench.workers[worker]?.continuations)
    #expect(last.number != first.number)
    #expect(last.buckets == first.buckets)
  }

  @Test("A run goes on by the plan that its session began with, and a new plan's sessions by theirs")
  func planChange() throws {
    var (bench, worker) = bench()
    var changed = Self.chain()
    changed.revision = "2"
    changed.buckets[1].triggers[0].target = "last"
    let before = bench.workers[worker]?.continuations?.number
    bench.apply(changed)
    #expect(bench.workers[worker]?.continuations?.number != before)
    // It knows the new table only, so that it does not go on.
    try bench.stay(worker, put(&bench, worker, "a"))
    bench.finish(worker, try put(&bench, worker, "a"))
    #expect(bench.function(worker) == "next")
    #expect(bench.workers[worker]?.invoke?.continuations == 0)
    bench.finish(worker)
    bench.start("t", function: "first")
    try bench.proceed(worker, put(&bench, worker, "a"))
    #expect(bench.function(worker) == "last")
    bench.finish(worker)
    #expect(bench.delivery("t")?.state == .succeeded)
    checkEmpty(&bench)
  }
}

extension PodBench {
  /// The worker may go on after that commit, and does.
  fileprivate mutating func proceed(_ connection: UInt64, _ transaction: Transaction) throws {
    let hasGoneOn = goOn(connection, transaction)
    try #require(hasGoneOn)
  }

  /// The worker may not go on.
  fileprivate mutating func stay(_ connection: UInt64, _ transaction: Transaction) throws {
    let hasGoneOn = goOn(connection, transaction)
    try #require(!hasGoneOn)
  }
}
