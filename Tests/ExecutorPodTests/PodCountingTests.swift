import Dataflow
import Testing
import Wire

@testable import ExecutorPod

@Suite("Pod core: figures")
struct PodCountingTests {
  private func firings(_ bench: PodBench) -> [String: UInt64] {
    Dictionary(uniqueKeysWithValues: zip(Primitive.fieldNames, bench.core.firings)).filter { $0.value > 0 }
  }

  @Test("Firings are counted by primitive, while a session runs and after it")
  func firingsByPrimitive() throws {
    var bench = PodBench()
    let workers = [bench.join(slot: 0), bench.join(slot: 1)]
    bench.start("s")
    let split = try #require(workers.first { bench.function($0) == "split" })
    try bench.commit(split, ["a": 1, "b": 1], announces: ["a", "b"])
    #expect(firings(bench) == ["immediate": 2])
    for worker in workers {
      let key = try #require(bench.workers[worker]?.invoke?.inputs.first?.key.text)
      try bench.commit(worker, bucket: "counts", [key: 1])
    }
    #expect(firings(bench) == ["immediate": 2, "dynamicJoin": 1])
    let merge = try #require(workers.first { bench.function($0) == "merge" })
    try bench.commit(merge, output: 1)
    #expect(bench.delivery("s")?.state == .succeeded)
    #expect(firings(bench) == ["immediate": 2, "dynamicJoin": 1])
    #expect(bench.core.totals.attemptsEnded == .init(committed: 4))
  }

  @Test("What waits for an executor is counted by how long")
  func queueTimes() throws {
    var bench = PodBench()
    let worker = bench.join(slot: 0)
    bench.start("s")
    #expect(bench.core.totals.queueTimes.counts.first == 1, "an idle executor takes it at once")
    try bench.commit(worker, ["a": 1, "b": 1], announces: ["a", "b"])
    bench.pass(.milliseconds(3))
    let key = try #require(bench.workers[worker]?.invoke?.inputs.first?.key.text)
    try bench.commit(worker, bucket: "counts", [key: 1])
    let counts = bench.core.totals.queueTimes
    #expect(counts.counts.reduce(0, +) == 3)
    // To a tick of the clock that attempts are stamped with.
    #expect(abs((counts.sum - .milliseconds(3)) / .microseconds(1)) < 2)
    let place = try #require(DurationCounts.bounds.firstIndex(of: .milliseconds(5)))
    #expect(counts.counts[place] == 1)
  }

  @Test("Attempts are counted by how they end")
  func endings() throws {
    var bench = PodBench()
    let worker = bench.join(slot: 0)
    bench.start("s")
    bench.die(worker)
    #expect(bench.core.totals.attemptsEnded.failed == 1)
    #expect(bench.core.totals.attemptsEnded.committed == 0)
  }

  @Test("A duration belongs to the first class that it does not exceed")
  func classes() {
    for (index, bound) in DurationCounts.bounds.enumerated() {
      var counts = DurationCounts()
      counts.observe(bound)
      counts.observe(bound + .nanoseconds(1))
      #expect(counts.counts[index] == 1 && counts.counts[index + 1] == 1)
      #expect(counts.sum == bound * 2 + .nanoseconds(1))
    }
    #expect(DurationCounts.bounds == DurationCounts.bounds.sorted())
  }
}
