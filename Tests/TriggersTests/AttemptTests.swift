import Dataflow
import Testing

@testable import Triggers

@Suite("Session engine: attempts that fail, and sessions that are ended")
struct AttemptTests {
  private let sequence = plan(
    [
      FunctionPlan(name: "a", outputs: ["x"], retry: RetryPlan(limit: 2, backoff: .milliseconds(200))),
      FunctionPlan(name: "b", outputs: []),
    ],
    ["x": [TriggerPlan(name: "t", target: "b", .immediate)], "y": []])

  @Test("A failed attempt is made again after a pause that grows, under the same firing id")
  func retries() throws {
    var bench = EngineBench(sequence)
    bench.begin("a")
    let first = try bench.start("a")
    bench.fail(first)
    #expect(bench.pauses[0].after <= .milliseconds(200))
    #expect(bench.pauses[0].after >= .milliseconds(150))
    try bench.passPause()
    let second = try bench.start("a")
    #expect(second.attempt == 2)
    #expect(second.firing == first.firing)
    #expect(second.inputs == first.inputs)
    bench.fail(second)
    #expect(bench.pauses[0].after <= .milliseconds(400))
    #expect(bench.pauses[0].after >= .milliseconds(300))
    try bench.passPause()
    try bench.run("a")
    #expect(bench.ended?.state == .succeeded)
    #expect(bench.violations == [])
  }

  @Test("Poison input uses up its attempts, and the session fails with the last error")
  func poison() throws {
    var bench = EngineBench(sequence)
    bench.begin("a")
    for round in 1...3 {
      bench.fail(try bench.start("a"), "error \(round)")
      if round < 3 { try bench.passPause() }
    }
    #expect(bench.ended == SessionOutcome(state: .failed, message: "a#0 failed in the last of 3 attempts: error 3"))
    #expect(bench.held.isEmpty)
    #expect(bench.violations == [])
  }

  @Test("A key that the platform made for one invocation cannot be put by another, which was given it")
  func defaultKeyOfAnother() throws {
    let loop = plan(
      [FunctionPlan(name: "a", outputs: ["x"])], ["x": [TriggerPlan(name: "t", target: "a", .immediate)]])
    var bench = EngineBench(loop)
    bench.begin("a")
    let first = try bench.start("a")
    let key = DefaultKey.make(firing: first.firing, index: 1)
    bench.commit(first, puts: [("x", key.text)])
    bench.commit(try bench.start("a"), puts: [("x", key.text)])
    #expect(bench.ended?.state == .failed)
    #expect(bench.ended?.message.contains("ObjectExists") == true)
    #expect(bench.ended?.message.contains("a#0 has put it before") == true)
    #expect(bench.violations == [])
  }

  @Test("Of the keys that the platform makes, the latest are remembered and no more")
  func recentKeys() {
    var keys = RecentKeys()
    let name = InvocationName(function: 0, number: 0)
    for index in 0..<(RecentKeys.limit + 10) { keys.insert("k\(index)", in: 0, by: name) }
    #expect(keys.count == RecentKeys.limit)
    #expect(keys.producer(of: "k9", in: 0) == nil)
    #expect(keys.producer(of: "k10", in: 0) == name)
    #expect(keys.producer(of: "k10", in: 1) == nil)
  }

  @Test("A failure that is not to be tried again ends the session at once")
  func finalFailure() throws {
    var bench = EngineBench(sequence)
    bench.begin("a")
    bench.fail(try bench.start("a"), "bad input", isRetryable: false)
    #expect(bench.ended == SessionOutcome(state: .failed, message: "a#0 failed in its only attempt: bad input"))
    #expect(bench.violations == [])
  }

  @Test("The pause grows to a minute and no further, without overflow", arguments: [1, 4, 10, 1000])
  func pauses(attempt: Int) {
    let pause = Backoff.pause(.milliseconds(200), attempt: attempt, firing: "f")
    let whole = min(.milliseconds(200 << min(attempt - 1, 20)), Duration.seconds(60))
    #expect(pause <= whole)
    #expect(pause >= whole * 0.749)
    #expect(Backoff.pause(.seconds(86_400), attempt: attempt, firing: "f") <= .seconds(60))
  }

  @Test("Late, double and old reports vanish, and what they hold is released")
  func lateReports() throws {
    var bench = EngineBench(sequence)
    bench.begin("a")
    let first = try bench.start("a")
    bench.fail(first)
    bench.commit(first, puts: [("x", "early")], outputs: [""])
    #expect(bench.held.count == 1)
    bench.fail(first)
    #expect(bench.pauses.count == 1)
    try bench.passPause()
    // Queued again, but not running yet: a report of the attempt that is to come is a lie.
    bench.commit(bench.queued[0], puts: [("x", "lie")])
    #expect(bench.engine.outputs.isEmpty)
    let second = try bench.start("a")
    bench.commit(second, puts: [("x", "k")])
    bench.commit(second, puts: [("x", "k")])
    bench.fail(second)
    #expect(bench.queuedNames == ["b"])
    let last = try bench.start("b")
    bench.commit(last)
    #expect(bench.ended?.state == .succeeded)
    bench.commit(last, outputs: ["late"])
    #expect(bench.engine.outputs.isEmpty)
  }

  @Test("An attempt that is given back is queued again and does not count")
  func givenBack() throws {
    var bench = EngineBench(sequence)
    bench.begin("a")
    for _ in 0..<10 { bench.giveBack(try bench.start("a")) }
    #expect(bench.queued.map(\.attempt) == [1])
    try bench.run("a")
    #expect(bench.ended?.state == .succeeded)
    #expect(bench.violations == [])
  }

  @Test("A key that somebody has put is refused, naming both, and not tried again")
  func objectExists() throws {
    var bench = EngineBench(
      plan(
        [FunctionPlan(name: "a", outputs: ["x", "y"]), FunctionPlan(name: "b", outputs: ["y"])],
        ["x": [TriggerPlan(name: "t", target: "b", .immediate)], "y": []]))
    bench.begin("a")
    try bench.run("a", puts: [("x", "1"), ("x", "2")])
    try bench.run("b", puts: [("y", "k")])
    try bench.run("b", puts: [("y", "other"), ("y", "k")])
    #expect(bench.ended?.state == .failed)
    #expect(bench.ended?.message.contains("ObjectExists: b#1 put \"k\" into bucket \"y\", but b#0 has put it") == true)
    #expect(bench.pauses.isEmpty)
    #expect(bench.violations == [])
  }

  @Test("Two objects of one attempt with one key are refused")
  func objectTwice() throws {
    var bench = EngineBench(sequence)
    bench.begin("a")
    try bench.run("a", puts: [("x", "k"), ("x", "k")])
    #expect(bench.ended?.message.contains("\"x\" twice") == true)
    #expect(bench.violations == [])
  }

  @Test("A key that the request put counts as put")
  func requestExists() throws {
    var bench = EngineBench(
      plan([FunctionPlan(name: "a", outputs: ["x"])], ["x": [TriggerPlan(name: "t", target: "a", .immediate)]]))
    bench.begin(bucket: "x", key: "k")
    try bench.run("a", puts: [("x", "k")])
    #expect(bench.ended?.message.contains("but the request has put it") == true)
    #expect(bench.violations == [])
  }

  @Test(
    "A bucket that is not declared, and one that is not there, are refused",
    arguments: [("y", "declare"), ("z", "create the Bucket")])
  func undeclared(bucket: String, remedy: String) throws {
    var bench = EngineBench(sequence)
    bench.begin("a")
    try bench.run("a", puts: [("x", "k"), (bucket, "k")], outputs: [""])
    #expect(bench.ended?.state == .failed)
    #expect(bench.ended?.message.contains("bucket \"\(bucket)\"") == true)
    #expect(bench.ended?.message.contains(remedy) == true)
    #expect(bench.held.isEmpty)
    #expect(bench.violations == [])
  }

  @Test("Cancelling takes everything out: queued, running and waiting")
  func cancels() throws {
    var bench = EngineBench(sequence)
    bench.begin("a")
    try bench.run("a", puts: [("x", "1"), ("x", "2"), ("x", "3")])
    let running = try bench.start("b")
    bench.fail(try bench.start("b"))
    bench.cancel()
    #expect(bench.ended?.state == .cancelled)
    #expect(bench.withdrawn == [1, 3])
    #expect(bench.held.isEmpty)
    #expect(bench.violations == [])
    bench.commit(running, outputs: [""])
    bench.cancel()
    bench.timeOut()
    #expect(bench.ended?.state == .cancelled)
    #expect(bench.held.isEmpty)
  }

  @Test("A session that takes too long names what is still live; outputs that were committed stay")
  func timesOut() throws {
    var bench = EngineBench(sequence)
    bench.begin("a")
    try bench.run("a", puts: [("x", "1")], outputs: ["early"])
    bench.timeOut()
    #expect(bench.ended?.state == .timedOut)
    #expect(bench.ended?.message.contains("still live: b#0") == true)
    #expect(bench.held == bench.heldOutputs)
    #expect(bench.held.count == 1)
    #expect(bench.violations == [])
  }

  @Test("The timeline keeps its beginning and its end, and counts what it dropped")
  func timeline() throws {
    var bench = EngineBench(
      plan([FunctionPlan(name: "a", outputs: ["x"])], ["x": [TriggerPlan(name: "t", target: "a", .immediate)]]))
    bench.begin("a")
    for round in 0..<200 { try bench.run("a", puts: [("x", "\(round)")]) }
    try bench.run("a")
    let timeline = bench.engine.timeline
    #expect(timeline.count == 2 * SessionLog.keptAtEachEnd)
    #expect(timeline.first?.event == "requested")
    #expect(timeline.last?.event == "ended")
    // Each round is started, committed, put, fired.
    #expect(bench.engine.log.dropped == 1 + 200 * 4 + 2 + 1 - timeline.count)
    #expect(timeline.dropLast().last?.subject == "a#200")
  }
}
