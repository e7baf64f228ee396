import Dataflow
import Foundation
import SharedMemory
import Wire

/// Takes every figure, a little of each in every round, so that a disturbance does not hit one alone.
struct Scenarios {
  private let rounds: Int
  private var figures: [Figure: Samples] = [:]

  init(rounds: Int) { self.rounds = rounds }

  mutating func run() throws -> Report {
    let stolen = StolenTime()
    let limits = try Limits()
    let one = try PodUnderTest([.init()])
    defer { one.stop() }
    let own = ["start", "ping"]
    let others = BenchPlan.plan.functions.map(\.name).filter { !own.contains($0) }
    let two = try PodUnderTest([.init(functions: own), .init(functions: others)])
    defer { two.stop() }
    for _ in 0..<rounds {
      try takeChains(one, two)
      try takeObjects(one)
      try takeSessions(one)
    }
    let (handOver, session) = (CoreFigures.handOver(), CoreFigures.session())
    figures[.core] = handOver.nanoseconds
    figures[.coreSession] = session.nanoseconds
    let idle = Self.idle(one)
    var report = Report(
      limits: limits, allocationsPerHandOver: handOver.allocations, allocationsPerSession: session.allocations,
      idleProcessorShare: idle.share, idleWakeUpsPerSecond: idle.wakeUps,
      sidecarBytes: ProcessFigures.ownMemory(of: one.sidecarProcess), stolenShare: stolen.share)
    report.add(figures)
    return report
  }

  private mutating func takeChains(_ one: PodUnderTest, _ two: PodUnderTest) throws {
    let chain = try Self.chain(one, hops: 1000)
    add(.handOverAwake, chain.hops)
    add(.chain, [chain.total / 1000])
    add(.handOverTwoProcesses, try Self.chain(two, hops: 200).hops)
    for _ in 0..<20 {
      // sleep: everyone is to fall asleep before the next hand-over.
      usleep(5000)
      add(.handOverAsleep, try Self.chain(one, hops: 1).hops)
    }
    for (figure, count) in [(Figure.fanOut8, 8), (.fanOut100, 100), (.fanOut1000, 1000)] {
      let output = try one.run("fan", Relay(hops: UInt64(count), length: UInt64(Relay.size)).bytes)
      add(figure, Times.decoded(output[""] ?? []).map { Double($0) / Double(count) })
    }
  }

  private mutating func takeObjects(_ pod: PodUnderTest) throws {
    for (figure, length) in [(Figure.small, 1 << 10), (.medium, 1 << 20), (.large, 100 << 20)] {
      // The first ones make the memory that the others use again.
      add(figure, Array(try Self.chain(pod, hops: 6, length: length).hops.suffix(3)))
    }
    let output = try pod.run("produce", Relay(hops: 1, length: UInt64(Limits.bytes)).bytes)
    add(.produce, Times.decoded(output[""] ?? []).prefix(1).map(Double.init))
  }

  private mutating func takeSessions(_ pod: PodUnderTest) throws {
    for (figure, window, count) in [(Figure.session1, 1, 500), (.session64, 64, 5000), (.session512, 512, 5000)] {
      add(figure, [try Self.throughput(pod, window: window, count: count)])
    }
  }

  private mutating func add(_ figure: Figure, _ values: [Double]) { figures[figure, default: Samples()].add(values) }

  /// The whole chain's time and that of each hand-over.
  static func chain(_ pod: PodUnderTest, hops: Int, length: Int = 64) throws -> (total: Double, hops: [Double]) {
    let output = try pod.run("start", Relay(hops: UInt64(hops), length: UInt64(length)).bytes)
    let times = Times.decoded(output[""] ?? []).map(Double.init)
    guard let total = times.first else { throw BenchError("a chain of \(hops) has told no times") }
    return (total, Array(times.dropFirst()))
  }

  /// Nanoseconds a session, with so many under way at a time.
  private static func throughput(_ pod: PodUnderTest, window: Int, count: Int) throws -> Double {
    let start = MonotonicClock.nanoseconds()
    for _ in 0..<window { pod.link.enqueue("first", [1, 2, 3]) }
    for started in window..<count + window {
      let result = try pod.link.nextResult()
      guard result.state == .succeeded else { throw BenchError("\(result.state.name): \(result.message)") }
      if started < count { pod.link.enqueue("first", [1, 2, 3]) }
    }
    return Double(MonotonicClock.nanoseconds() - start) / Double(count)
  }

  /// What the processes use once the sessions that ended are forgotten.
  private static func idle(_ pod: PodUnderTest) -> (share: Double, wakeUps: Double) {
    let seconds: UInt32 = 3
    // sleep: ended sessions are kept for a second.
    usleep(2_000_000)
    func used() -> Double { pod.processes.map { ProcessFigures.processorTime(of: $0) }.reduce(0, +) }
    func switches() -> Int { pod.processes.map { ProcessFigures.voluntarySwitches(of: $0) }.reduce(0, +) }
    let before = (used(), switches())
    // sleep: what processes use while nothing happens is measured over this time.
    usleep(seconds * 1_000_000)
    return ((used() - before.0) / Double(seconds), Double(switches() - before.1) / Double(seconds))
  }
}

/// How much of the processors' time went to other machines since it was made.
private struct StolenTime {
  private let start = Self.read()

  var share: Double {
    let now = Self.read()
    return now.total > start.total ? (now.stolen - start.stolen) / (now.total - start.total) : 0
  }

  /// In hundredths of a second: the first line has all processors' times, of which the eighth was stolen.
  private static func read() -> (stolen: Double, total: Double) {
    let text = (try? String(contentsOfFile: "/proc/stat", encoding: .utf8)) ?? ""
    let values = text.prefix { $0 != "\n" }.split(separator: " ").dropFirst().prefix(8).compactMap { Double($0) }
    return (values.count == 8 ? values[7] : 0, values.reduce(0, +))
  }
}
