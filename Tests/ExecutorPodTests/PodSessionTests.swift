import Dataflow
import ObjectStore
import Scheduling
import Testing
import Wire

@testable import ExecutorPod

@Suite("Pod core: sessions")
struct PodSessionTests {
  @Test("A session runs from its start to its delivery, and its memory comes back")
  func wholeSession() throws {
    var bench = PodBench()
    let one = bench.join(slot: 0)
    let two = bench.join(slot: 1)
    bench.start("s", payload: 100)
    #expect(bench.told.contains(.stored(session: "s")))
    // The worker that became idle last gets it.
    #expect(bench.function(two) == "split")
    let input = try #require(bench.workers[two]?.invoke?.inputs.first)
    #expect(input.bucket == "")
    #expect(input.location.length == 100)
    try bench.commit(two, ["a": 10, "b": 0], announces: ["a", "b"])
    #expect(bench.function(one) == "count")
    #expect(bench.function(two) == "count")
    let keys = try [one, two].map { try #require(bench.workers[$0]?.invoke?.inputs.first?.key.text) }
    try bench.commit(one, bucket: "counts", [keys[0]: 5])
    try bench.commit(two, bucket: "counts", [keys[1]: 5])
    let merge = try #require([one, two].first { bench.function($0) == "merge" })
    #expect(bench.workers[merge]?.invoke?.inputs.map(\.key) == ["a", "b"])
    try bench.commit(merge, output: 20)
    let delivery = try #require(bench.delivery("s"))
    #expect(delivery.state == .succeeded)
    #expect(delivery.outputs.map(\.location.length) == [20])
    #expect(bench.core.ledger.objectCount == 1)
    bench.pass(.seconds(301))
    #expect(bench.core.ledger.objectCount == 0)
    #expect(bench.core.sessions.isEmpty)
    for worker in [one, two] { bench.die(worker) }
    #expect(bench.core.ledger.used <= bench.core.ledger.arenaSize)
    #expect(bench.core.attempts.isEmpty)
    #expect(bench.violations == [])
  }

  @Test("Sessions that begin within one second have an order")
  func startsWithinASecond() throws {
    var bench = PodBench()
    for session in ["c", "a", "b"] {
      bench.start(session)
      bench.pass(.milliseconds(2))
    }
    let summaries = try #require(bench.core.summaries(now: bench.now))
    #expect(summaries.sorted { $0.startedAt < $1.startedAt }.map(\.session) == ["c", "a", "b"], "\(summaries)")
    #expect(bench.core.describe("a", now: bench.now)?.startedAt.wholeMatch(of: #/.*:\d\d\.\d{3}Z/#) != nil)
  }

  @Test("A start that is asked for twice runs once")
  func startsOnce() {
    var bench = PodBench()
    bench.start("s")
    bench.start("s")
    #expect(bench.told.filter { $0 == .stored(session: "s") }.count == 2)
    #expect(bench.core.attempts.count == 1)
  }

  @Test("A session that was given up is refused when it is asked for again, so that another pod gets it")
  func refusesWhatWasGivenUp() {
    var bench = PodBench()
    let worker = bench.join()
    bench.start("s")
    bench.tell(.cancel(session: "s"))
    #expect(bench.delivery("s")?.state == .cancelled)
    bench.finish(worker)
    bench.start("s")
    #expect(bench.told.count { $0 == .stored(session: "s") } == 1)
    let reason = "the pod was told to give up an earlier attempt at the session"
    #expect(bench.told.contains(.refused(session: "s", reason: reason, isFinal: false)))
    #expect(bench.function(worker) == nil)
    #expect(bench.violations == [])
  }

  @Test("A session cannot start without a plan, and not with names that the plan does not have")
  func refusals() {
    var bench = PodBench(nil)
    bench.start("s")
    #expect(
      bench.told.contains(.refused(session: "s", reason: "the pod has no plan of the workflow yet", isFinal: false)))
    bench.core.apply(PodBench.wordcount, now: bench.now)
    bench.start("t", function: "spilt")
    bench.tell(
      .start(.init(session: "u", origin: .put(bucket: "x", key: "k", group: nil), payload: [1], requestHash: "")))
    #expect(
      bench.told.contains(.refused(session: "t", reason: "workflow \"w\" has no function \"spilt\"", isFinal: true)))
    #expect(bench.told.contains(.refused(session: "u", reason: "workflow \"w\" has no bucket \"x\"", isFinal: true)))
    #expect(bench.core.ledger.objectCount == 0)
    #expect(bench.core.sessions.isEmpty)
    #expect(bench.violations == [])
  }

  @Test("A request may put an object; its triggers take it from there")
  func put() throws {
    var bench = PodBench()
    let worker = bench.join()
    bench.tell(
      .start(.init(session: "s", origin: .put(bucket: "words", key: "k", group: nil), payload: [1], requestHash: "")))
    #expect(bench.function(worker) == "count")
    bench.finish(worker)
    #expect(bench.delivery("s")?.state == .succeeded)
    #expect(bench.violations == [])
  }

  @Test("A pod that drains refuses new sessions, and ends those it has")
  func drains() {
    var bench = PodBench()
    let worker = bench.join()
    bench.start("s")
    bench.tell(.drain)
    bench.start("t")
    #expect(bench.told.contains(.draining))
    #expect(bench.told.contains(.refused(session: "t", reason: "the pod is draining", isFinal: false)))
    bench.fail(worker, isRetryable: false)
    #expect(bench.delivery("s")?.state == .failed)
    #expect(bench.core.activeSessions == 0)
  }

  @Test("A new link learns of every session that is held")
  func heldSessions() throws {
    var bench = PodBench()
    let worker = bench.join()
    bench.start("done")
    bench.fail(worker, isRetryable: false)
    bench.start("open")
    bench.core.linkClosed()
    bench.core.linkOpened()
    let frames = bench.core.takeActions()
    let registration = frames.compactMap { action -> PodFrame.Registration? in
      if case .tellCoordinator(.register(let registration)) = action { registration } else { nil }
    }
    #expect(
      registration.first?.sessions == [
        .init(session: "done", hasEnded: true, idempotencyKey: "key-done", requestHash: "hash"),
        .init(session: "open", hasEnded: false, idempotencyKey: "key-open", requestHash: "hash"),
      ])
    #expect(registration.first?.epoch == 9)
  }

  @Test("Outputs can be collected until the session is forgotten")
  func collects() throws {
    var bench = PodBench()
    let worker = bench.join(functions: ["merge"])
    bench.start("s", function: "merge")
    bench.tell(.collect(request: 1, session: "s"))
    #expect(bench.told.contains(.outputs(request: 1, result: nil)))
    try bench.commit(worker, output: 5)
    bench.tell(.collect(request: 2, session: "s"))
    #expect(bench.deliveries.map(\.request) == [nil, 2])
    #expect(bench.deliveries[0].outputs == bench.deliveries[1].outputs)
    bench.pass(.seconds(300))
    bench.tell(.collect(request: 3, session: "s"))
    #expect(bench.told.contains(.outputs(request: 3, result: nil)))
    #expect(bench.violations == [])
  }

  @Test(
    "A session ends at its own timeout when that is shorter, else at the workflow's",
    arguments: [(5, 5), (nil, 60), (900, 60)])
  func sessionTimeout(asked: Int?, seconds: Int) {
    var bench = PodBench()
    bench.start("s", timeout: asked.map { UInt64($0) * 1_000_000_000 })
    bench.pass(.seconds(seconds) - .milliseconds(1))
    #expect(bench.delivery("s") == nil)
    bench.pass(.milliseconds(1))
    #expect(bench.delivery("s")?.state == .timedOut)
    #expect(bench.core.ledger.objectCount == 0)
    #expect(bench.core.scheduler.queuedCount == 0)
  }

  @Test("A payload that can never fit is refused for good, naming spec.sharedMemory, and nothing is forgotten for it")
  func tooLarge() throws {
    var bench = PodBench()
    let worker = bench.join()
    bench.start("kept", function: "merge")
    try bench.commit(worker, output: 5)
    bench.start("s", payload: (1 << 20) + 1)
    let refusal = bench.told.compactMap { frame -> String? in
      if case .refused("s", let reason, true) = frame { reason } else { nil }
    }
    #expect(refusal.first?.contains("spec.sharedMemory") == true)
    #expect(bench.core.sessions["kept"] != nil)
    #expect(bench.violations == [])
  }

  @Test("A full pod refuses until there is room; results that were delivered make room first")
  func full() throws {
    var bench = PodBench()
    let worker = bench.join()
    bench.start("old", function: "merge")
    try bench.commit(worker, output: 700 << 10)
    bench.start("a", payload: 400 << 10)
    #expect(bench.told.contains(.refused(session: "a", reason: "the pod's object memory is full", isFinal: false)))
    bench.tell(.received(session: "old"))
    bench.start("a", payload: 400 << 10)
    // Its outputs have gone, and it is still known: asked for again, it does not run again.
    #expect(bench.core.sessions["old"]?.hasGivenUpOutputs == true)
    bench.tell(.collect(request: 7, session: "old"))
    #expect(bench.told.contains(.outputs(request: 7, result: nil)))
    bench.start("b", payload: 400 << 10)
    bench.start("c", payload: 400 << 10)
    #expect(bench.told.contains(.refused(session: "c", reason: "the pod's object memory is full", isFinal: false)))
    #expect(bench.violations == [])
  }

  @Test("The timelines of sessions that ended long ago make room; how they ended stays, and so does who they were")
  func timelines() {
    var bench = PodBench()
    let worker = bench.join()
    let message = String(repeating: "m", count: 4000)
    for index in 0..<2500 {
      bench.start("s\(index)", function: "merge")
      bench.fail(worker, message, isRetryable: false)
    }
    #expect(bench.core.endedLogBytes <= PodCore.endedLogLimit)
    #expect(bench.core.sessions.count == 2500)
    let oldest = bench.core.describe("s0", now: bench.now)
    #expect(oldest?.droppedEntries ?? 0 > 0)
    #expect(oldest?.timeline.last?.event == "ended")
    #expect(bench.core.describe("s2499", now: bench.now)?.droppedEntries == 0)
    bench.pass(.seconds(301))
    #expect(bench.core.endedLogBytes == 0)
    #expect(bench.core.holdingLogs.isEmpty)
  }

  @Test("Load is told when it changes, at most ten times a second, and at once on a new link")
  func load() {
    var bench = PodBench()
    func loads() -> [PodLoad] { bench.told.compactMap { if case .load(let load) = $0 { load } else { nil } } }
    #expect(loads().count == 1)
    _ = bench.join()
    bench.start("s")
    #expect(loads().count == 1)
    bench.pass(.milliseconds(100))
    #expect(loads().count == 2)
    #expect(loads().last?.activeSessions == 1)
    #expect(loads().last?.busyExecutors == 1)
    bench.pass(.milliseconds(500))
    #expect(loads().count == 2)
    bench.core.linkOpened()
    bench.tell(.ping)
    #expect(loads().count == 3)
    #expect(bench.told.last == .pong || bench.told.contains(.pong))
  }
}
