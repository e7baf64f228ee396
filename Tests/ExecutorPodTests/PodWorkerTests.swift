import Dataflow
import ObjectStore
import Scheduling
import Testing
import Wire

@testable import ExecutorPod

@Suite("Pod core: workers that die, lie and hang, and memory that is short")
struct PodWorkerTests {
  @Test("The attempt of a worker that dies is made again elsewhere")
  func death() throws {
    var bench = PodBench()
    let one = bench.join(slot: 0)
    let two = bench.join(slot: 1)
    bench.start("s")
    #expect(bench.function(two) == "split")
    let firing = bench.workers[two]?.invoke?.firing
    bench.die(two)
    #expect(bench.function(one) == nil)
    bench.pass(.milliseconds(200))
    #expect(bench.function(one) == "split")
    #expect(bench.workers[one]?.invoke?.attempt == 2)
    #expect(bench.workers[one]?.invoke?.firing == firing)
    bench.finishAll()
    #expect(bench.delivery("s")?.state == .succeeded)
    #expect(bench.violations == [])
  }

  @Test("The end of a worker says where its reason can be read")
  func whereTheReasonIs() throws {
    var bench = PodBench()
    let worker = bench.join()
    bench.start("s")
    bench.die(worker, reason: "the executor died: its process has ended")
    let failed = try #require(bench.core.describe("s", now: bench.now)?.timeline.first { $0.event == "failed" })
    #expect(failed.detail.contains("its process has ended; see how it ended: kubectl logs pod -c app"), "\(failed)")
  }

  @Test("What is missing is told together with what there is")
  func functionComplaint() {
    var bench = PodBench()
    #expect(
      bench.core.functionComplaint
        == "no executor has registered function split, count, merge (no executor is there yet)")
    let worker = bench.join(functions: ["split", "count", "megre"])
    #expect(
      bench.core.functionComplaint
        == "no executor has registered function merge (the executors offer count, megre, split)")
    bench.die(worker)
    _ = bench.join()
    #expect(bench.core.functionComplaint == nil)
    #expect(PodBench(nil).core.functionComplaint == nil)
  }

  @Test("What a worker committed outlives it")
  func objectsOutliveDeath() throws {
    var bench = PodBench()
    let one = bench.join(functions: ["split"])
    bench.start("s")
    try bench.commit(one, ["a": 100])
    bench.die(one)
    let two = bench.join(functions: ["count", "merge"])
    #expect(bench.workers[two]?.invoke?.inputs.map(\.location.length) == [100])
    bench.finishAll()
    #expect(bench.delivery("s")?.state == .succeeded)
    #expect(bench.core.ledger.objectCount == 0)
    #expect(bench.violations == [])
  }

  /// Each makes a report that is not so.
  enum Lie: CaseIterable { case foreignSegment, unknownSegment, overlap, outside, emptyInSegment, overflow }

  @Test("A worker that lies about its memory is closed, and its attempt is made again", arguments: Lie.allCases)
  func lies(lie: Lie) throws {
    var bench = PodBench()
    let other = bench.join(slot: 0, functions: ["merge"])
    bench.start("m", function: "merge")
    let foreign = try bench.room(100, other)
    let liar = bench.join(slot: 1, functions: ["split"])
    bench.start("s")
    let own = try bench.room(100, liar)
    func put(_ key: String, _ location: ObjectLocation) -> Transaction.Put {
      .init(bucket: "words", key: Label(key), location: location)
    }
    let segment = own.segment
    let puts: [Transaction.Put] =
      switch lie {
      case .foreignSegment: [put("a", foreign)]
      case .unknownSegment: [put("a", .init(segment: 999, offset: 0, length: 1))]
      case .overlap: [put("a", own), put("b", .init(segment: segment, offset: 50, length: 10))]
      case .outside: [put("a", .init(segment: segment, offset: UInt64(bench.core.ledger.arenaSize), length: 1))]
      case .emptyInSegment: [put("a", .init(segment: segment, offset: 0, length: 0))]
      case .overflow: [put("a", .init(segment: segment, offset: .max, length: .max))]
      }
    bench.finish(liar, Transaction(puts: puts))
    #expect(bench.closed[liar] != nil)
    #expect(bench.closed[other] == nil)
    bench.pass(.milliseconds(200))
    let honest = bench.join(slot: 1, functions: ["split"])
    #expect(bench.workers[honest]?.invoke?.attempt == 2)
    bench.finishAll()
    #expect(bench.delivery("s")?.state == .succeeded)
    #expect(bench.delivery("m")?.state == .succeeded)
    #expect(bench.core.ledger.objectCount == 0)
    #expect(bench.violations == [])
  }

  @Test("A worker that reports an attempt it was not given is closed")
  func unknownAttempt() {
    var bench = PodBench()
    let worker = bench.join()
    bench.start("s")
    bench.send(.finished(.init(invocation: 99, result: .committed(Transaction()))), worker)
    #expect(bench.closed[worker]?.contains("not given") == true)
    #expect(bench.core.scheduler.executorCount == 0)
    #expect(bench.violations == [])
  }

  @Test("Frames before a hello, a second hello and other versions are refused")
  func strangers() {
    var bench = PodBench()
    bench.send(.needSegment(bytes: 1), 70)
    bench.send(.segmentMapped(segment: 1), 71)
    bench.send(.finished(.init(invocation: 1, result: .committed(Transaction()))), 72)
    bench.send(.hello(.init(version: 3, role: .worker, container: "app", slot: 0, functions: [])), 73)
    let worker = bench.join()
    bench.send(.hello(.init(role: .worker, container: "app", slot: 0, functions: [])), worker)
    #expect(bench.closed.keys.sorted() == [worker, 70, 71, 72, 73].sorted())
    #expect(bench.core.executors.isEmpty)
    #expect(bench.violations == [])
  }

  @Test("An attempt that takes too long is killed through the supervisor, and made again")
  func attemptTimeout() throws {
    var bench = PodBench()
    bench.joinSupervisor()
    let worker = bench.join(slot: 1)
    bench.start("s", function: "count")
    bench.pass(.seconds(2))
    let reason = "count took longer than its timeout of 2s"
    #expect(bench.supervisorFrames.contains(.kill(slot: 1, reason: reason)))
    #expect(bench.closed[worker] == reason)
    let next = bench.join(slot: 1)
    bench.pass(.milliseconds(200))
    #expect(bench.workers[next]?.invoke?.attempt == 2)
    bench.finish(next)
    // The first attempt's timer must not hit a later one.
    bench.start("t", function: "count")
    bench.pass(.milliseconds(1900))
    #expect(bench.closed[next] == nil)
    #expect(bench.violations == [])
  }

  @Test("A cancelled attempt has a grace to end; a handler that goes on is killed")
  func cancellation() {
    var bench = PodBench()
    bench.joinSupervisor()
    let worker = bench.join()
    bench.start("s")
    bench.tell(.cancel(session: "s"))
    #expect(bench.delivery("s")?.state == .cancelled)
    #expect(bench.workers[worker]?.wasCancelled == true)
    bench.pass(.milliseconds(4900))
    #expect(bench.closed.isEmpty)
    // Its inputs stay until it has ended.
    #expect(bench.core.ledger.objectCount == 1)
    bench.pass(.milliseconds(100))
    #expect(bench.closed[worker] != nil)
    #expect(bench.core.ledger.objectCount == 0)
    #expect(bench.core.attempts.isEmpty)
    #expect(bench.violations == [])
  }

  @Test("A cancelled attempt that ends in time vanishes, and its worker goes on")
  func cancelledInTime() throws {
    var bench = PodBench()
    let worker = bench.join()
    bench.start("s")
    bench.tell(.cancel(session: "s"))
    try bench.commit(worker, ["a": 10], output: 10)
    #expect(bench.core.ledger.objectCount == 0)
    bench.start("t")
    #expect(bench.function(worker) == "split")
    bench.pass(.seconds(6))
    #expect(bench.closed.isEmpty)
    #expect(bench.violations == [])
  }

  @Test("An object that can never fit is denied, naming spec.sharedMemory")
  func neverFits() {
    var bench = PodBench()
    let worker = bench.join()
    bench.start("s")
    bench.beginWaiting(2 << 20, worker)
    #expect(bench.workers[worker]?.denial?.contains("spec.sharedMemory") == true)
    bench.workers[worker]?.denial = nil
    bench.beginWaiting(.max, worker)
    #expect(bench.workers[worker]?.denial != nil)
    #expect(bench.violations == [])
  }

  @Test("A worker that finds no room waits until some comes free")
  func waits() throws {
    var bench = PodBench()
    let one = bench.join(slot: 0)
    let two = bench.join(slot: 1)
    bench.start("s")
    bench.start("t")
    let large = try bench.room(600 << 10, two)
    bench.beginWaiting(600 << 10, one)
    #expect(bench.workers[one]?.denial == nil)
    bench.fail(two, isRetryable: false)
    let second = try bench.room(600 << 10, one)
    #expect(second.length == large.length)
    #expect(bench.violations == [])
  }

  @Test("When all who run wait for memory, the youngest gives way without losing an attempt; then the rest go on")
  func givesWay() throws {
    var bench = PodBench()
    let one = bench.join(slot: 0)
    let two = bench.join(slot: 1)
    bench.start("old")
    bench.start("young")
    let old = try #require([one, two].first { bench.workers[$0]?.invoke?.session == "old" })
    let young = try #require([one, two].first { $0 != old })
    _ = try bench.room(300 << 10, old)
    _ = try bench.room(300 << 10, young)
    bench.beginWaiting(500 << 10, old)
    bench.beginWaiting(500 << 10, young)
    #expect(bench.workers[young]?.denial?.contains("gives way") == true)
    bench.fail(young, "no memory")
    // Its memory went to the older one, so that it may begin again.
    _ = try bench.room(500 << 10, old)
    #expect(bench.workers[young]?.invoke?.session == "young")
    #expect(bench.workers[young]?.invoke?.attempt == 1)
    bench.finishAll()
    #expect(bench.delivery("old")?.state == .succeeded)
    #expect(bench.delivery("young")?.state == .succeeded)
    #expect(bench.violations == [])
  }

  @Test("A late step of an old session does not give way to the first of a young one")
  func lateStepOfOldSession() throws {
    var bench = PodBench()
    let one = bench.join(slot: 0)
    bench.start("old")
    bench.pass(.seconds(1))
    let two = bench.join(slot: 1, functions: ["split"])
    bench.start("young")
    // Its attempt was queued before the old session's second step.
    #expect(bench.workers[two]?.invoke?.session == "young")
    try bench.commit(one, ["part": 10])
    #expect(bench.function(one) == "count")
    _ = try bench.room(300 << 10, one)
    _ = try bench.room(300 << 10, two)
    bench.beginWaiting(500 << 10, two)
    bench.beginWaiting(500 << 10, one)
    #expect(bench.workers[one]?.denial == nil)
    #expect(bench.workers[two]?.denial?.contains("gives way") == true)
    bench.fail(two, "no memory")
    _ = try bench.room(500 << 10, one)
    bench.finishAll()
    #expect(bench.delivery("old")?.state == .succeeded)
    #expect(bench.delivery("young")?.state == .succeeded)
    #expect(bench.violations == [])
  }

  @Test("Memory that comes free goes to a late step of an old session before the first of a young one")
  func oldestIsGrantedFirst() throws {
    var bench = PodBench()
    let one = bench.join(slot: 0)
    bench.start("old")
    bench.pass(.seconds(1))
    let two = bench.join(slot: 1, functions: ["split"])
    bench.start("young")
    try bench.commit(one, ["part": 10])
    #expect(bench.function(one) == "count")
    let three = bench.join(slot: 2, functions: ["merge"])
    bench.start("busy", function: "merge")
    _ = try bench.room(600 << 10, three)
    bench.beginWaiting(500 << 10, two)
    bench.beginWaiting(500 << 10, one)
    bench.finish(three)
    #expect(bench.workers[one]?.asked == nil)
    #expect(bench.workers[one]?.denial == nil)
    #expect(bench.workers[two]?.asked != nil)
    #expect(bench.violations == [])
  }

  @Test("One that gave way does not begin again while memory is still short; the last is told what to do")
  func giveWayEnds() throws {
    var bench = PodBench()
    let one = bench.join(slot: 0)
    let two = bench.join(slot: 1)
    bench.start("old", function: "merge")
    bench.start("young", function: "merge")
    let old = try #require([one, two].first { bench.workers[$0]?.invoke?.session == "old" })
    let young = try #require([one, two].first { $0 != old })
    _ = try bench.room(600 << 10, old)
    bench.beginWaiting(600 << 10, old)
    bench.beginWaiting(600 << 10, young)
    bench.fail(young, "no memory")
    #expect(bench.workers[young]?.invoke == nil)
    #expect(bench.core.currentLoad().queuedInvocations == 1)
    // What it has lent may be what the young one needs, which comes first now that it has had its turn.
    #expect(bench.workers[old]?.denial?.contains("gives way") == true)
    bench.fail(old, "no memory")
    let next = try #require([one, two].first { bench.workers[$0]?.invoke != nil })
    #expect([one, two].compactMap { bench.workers[$0]?.invoke?.session } == ["young"])
    _ = try bench.room(600 << 10, next)
    bench.finish(next)
    let last = try #require([one, two].first { bench.workers[$0]?.invoke != nil })
    #expect(bench.workers[last]?.invoke?.session == "old")
    _ = try bench.room(600 << 10, last)
    bench.beginWaiting(600 << 10, last)
    #expect(bench.workers[last]?.denial?.contains("spec.sharedMemory") == true)
    bench.fail(last, "no memory", isRetryable: false)
    #expect(bench.delivery("old")?.state == .failed)
    #expect(bench.delivery("young")?.state == .succeeded)
    #expect(bench.core.parked.isEmpty)
    #expect(bench.violations == [])
  }

  @Test("An attempt that gave way can be cancelled while it waits")
  func parkedIsCancelled() throws {
    var bench = PodBench()
    let one = bench.join(slot: 0)
    let two = bench.join(slot: 1)
    let three = bench.join(slot: 2, functions: ["merge"])
    bench.start("busy", function: "merge")
    bench.start("old")
    bench.start("young")
    let old = try #require([one, two].first { bench.workers[$0]?.invoke?.session == "old" })
    let young = try #require([one, two].first { $0 != old })
    _ = try bench.room(600 << 10, three)
    bench.beginWaiting(600 << 10, old)
    bench.beginWaiting(600 << 10, young)
    bench.beginWaiting(600 << 10, three)
    bench.fail(young, "no memory")
    #expect(bench.core.parked.count == 1)
    bench.tell(.cancel(session: "young"))
    #expect(bench.core.parked.isEmpty)
    #expect(bench.core.scheduler.queuedCount == 0)
    #expect(bench.violations == [])
  }
}
