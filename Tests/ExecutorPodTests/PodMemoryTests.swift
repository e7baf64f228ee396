import Dataflow
import ObjectStore
import Testing
import Wire

@testable import ExecutorPod

@Suite("Pod core: attempts and payloads that find no room")
struct PodMemoryTests {
  @Test("One that waits alone gives way to what is queued and holds the rest; both end well")
  func queuedHoldTheRest() throws {
    var bench = PodBench()
    let worker = bench.join()
    bench.start("old", function: "merge", payload: 200 << 10)
    bench.start("young", function: "merge", payload: 500 << 10)
    #expect(bench.workers[worker]?.invoke?.session == "old")
    bench.beginWaiting(400 << 10, worker)
    #expect(bench.workers[worker]?.denial?.contains("gives way") == true)
    bench.fail(worker, "no memory", isRetryable: false)
    #expect(bench.workers[worker]?.invoke?.session == "young")
    bench.finish(worker)
    #expect(bench.workers[worker]?.invoke?.session == "old")
    // It lost no attempt by that.
    #expect(bench.workers[worker]?.invoke?.attempt == 1)
    _ = try bench.room(400 << 10, worker)
    bench.finish(worker)
    for session in ["old", "young"] { #expect(bench.delivery(session)?.state == .succeeded) }
    #expect(bench.violations == [])
  }

  @Test("When none of those that take turns finds room, the youngest session fails, and the others have what it held")
  func youngestFails() throws {
    var bench = PodBench()
    let worker = bench.join()
    bench.start("old", function: "merge", payload: 300 << 10)
    bench.pass(.milliseconds(1))
    bench.start("middle", function: "merge", payload: 200 << 10)
    bench.pass(.milliseconds(1))
    bench.start("young", function: "merge", payload: 250 << 10)
    var tried: [String] = []
    var turns = 0
    while let invoke = bench.workers[worker]?.invoke, turns < 20 {
      turns += 1
      tried.append(invoke.session)
      if bench.place(450 << 10, worker) != nil {
        bench.finish(worker)
      } else if bench.workers[worker]?.denial != nil {
        bench.fail(worker, "no memory", isRetryable: false)
      }
    }
    #expect(Array(tried.prefix(3)) == ["old", "middle", "young"])
    #expect(bench.delivery("young")?.state == .failed)
    #expect(bench.delivery("middle")?.state == .succeeded)
    #expect(bench.delivery("old")?.state == .succeeded)
    #expect(turns < 20)
    #expect(bench.core.attempts.isEmpty)
    #expect(bench.violations == [])
  }

  @Test("A younger session that has had its turn fails where it waits, and an older one has what it held")
  func parkedFails() throws {
    var bench = PodBench()
    let worker = bench.join()
    bench.start("old")
    bench.pass(.milliseconds(1))
    bench.start("young", payload: 400 << 10)
    // The old session's second step comes after the young one's first. Neither finds room beside the other's object.
    try bench.commit(worker, ["part": 300 << 10], announces: ["part"])
    #expect(bench.workers[worker]?.invoke?.session == "young")
    bench.beginWaiting(500 << 10, worker)
    bench.fail(worker, "no memory", isRetryable: false)
    #expect(bench.function(worker) == "count")
    try bench.commit(worker, bucket: "counts", ["part": 500 << 10])
    let failed = try #require(bench.delivery("young"))
    #expect(failed.state == .failed)
    #expect(failed.message.contains("raise spec.sharedMemory"))
    bench.finishAll()
    #expect(bench.delivery("old")?.state == .succeeded)
    #expect(bench.core.attempts.isEmpty)
    #expect(bench.violations == [])
  }

  @Test("Of many that can never find room each begins a few times, not once for each of the others")
  func hopeless() throws {
    var bench = PodBench()
    let workers = (0..<3).map { bench.join(slot: UInt16($0)) }
    // An object that nobody lets go of.
    bench.start("holder", function: "merge")
    let holder = try #require(workers.first { bench.workers[$0]?.invoke != nil })
    try bench.commit(holder, output: 600 << 10)
    let sessions = (0..<50).map { "s\($0)" }
    for session in sessions { bench.start(session, function: "merge", payload: 0) }
    var begun = 0
    while let connection = workers.first(where: {
      bench.workers[$0]?.denial != nil || bench.workers[$0]?.asked == nil && bench.workers[$0]?.invoke != nil
    }),
      begun < 1000
    {
      if bench.workers[connection]?.denial != nil {
        bench.fail(connection, "no memory", isRetryable: false)
      } else {
        begun += 1
        bench.beginWaiting(600 << 10, connection)
      }
    }
    for session in sessions { #expect(bench.delivery(session)?.state == .failed) }
    #expect(begun <= 2 * sessions.count + workers.count)
    #expect(bench.core.attempts.isEmpty)
    #expect(bench.violations == [])
  }

  @Test("What no executor can run is not waited for")
  func nobodyHosts() throws {
    var bench = PodBench()
    let worker = bench.join(functions: ["split"])
    bench.start("stuck", function: "merge", payload: 500 << 10)
    bench.start("s")
    bench.beginWaiting(600 << 10, worker)
    #expect(bench.workers[worker]?.denial?.contains("raise spec.sharedMemory") == true)
    #expect(bench.violations == [])
  }

  @Test("A large payload is taken only if a quarter stays free for those who run, unless nothing else is there")
  func intakeLeavesRoom() throws {
    var bench = PodBench()
    let worker = bench.join()
    bench.start("whole", function: "merge", payload: 900 << 10)
    #expect(bench.workers[worker]?.invoke?.session == "whole")
    bench.finish(worker)
    bench.start("first", function: "merge", payload: 500 << 10)
    bench.start("second", function: "merge", payload: 400 << 10)
    let refusals = bench.told.compactMap { frame in
      if case .refused(let session, let reason, let isFinal) = frame { (session, reason, isFinal) } else { nil }
    }
    let refusal = try #require(refusals.first)
    #expect(refusals.count == 1)
    #expect(refusal.0 == "second")
    #expect(refusal.1 == "the pod's object memory is full")
    #expect(!refusal.2)
    // The first can put something.
    _ = try bench.room(200 << 10, worker)
    bench.finish(worker)
    bench.start("second", function: "merge", payload: 400 << 10)
    #expect(bench.workers[worker]?.invoke?.session == "second")
    bench.finishAll()
    for session in ["whole", "first", "second"] { #expect(bench.delivery(session)?.state == .succeeded) }
    #expect(bench.violations == [])
  }
}
