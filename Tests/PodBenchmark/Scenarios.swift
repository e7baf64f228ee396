import Foundation
import SharedMemory
import Wire

/// Every figure, taken in turns.
struct Scenarios {
  func run() throws -> String {
    var lines: [String] = []
    func line(_ name: String, _ samples: Samples, _ scale: Double = 1000) {
      lines.append("\(name)\t\(samples.median / scale)\t\(samples.p99 / scale)")
    }
    let pod = try PodUnderTest([.init()])
    defer { pod.stop() }
    var handOver = Samples()
    var perHop = Samples()
    for _ in 0..<5 {
      let (chain, hops) = try Self.chain(pod, hops: 1000)
      handOver.add(hops)
      perHop.add(chain / 1000)
    }
    line("hand-over, awake, us", handOver)
    line("chain of 1000, per hop, us", perHop)
    var slept = Samples()
    for _ in 0..<50 {
      // sleep: everyone is to fall asleep before the next hand-over.
      usleep(20_000)
      slept.add(try Self.chain(pod, hops: 1).hops)
    }
    line("hand-over, after sleep, us", slept)
    for count in [8, 100, 1000] {
      var fan = Samples()
      for _ in 0..<7 {
        let output = try pod.run("fan", Relay(hops: UInt64(count), length: 32).bytes)
        fan.add(Times.decoded(output[""] ?? []).map { Double($0) / Double(count) })
      }
      line("fan-out of \(count) and join, per function, us", fan)
    }
    for size in [1 << 10, 1 << 20, 100 << 20] {
      var time = Samples()
      for _ in 0..<5 { time.add(try Self.chain(pod, hops: 4, length: size).hops.suffix(3).map(\.self)) }
      line("hand-over of \(size) bytes, us", time)
    }
    var produced = Samples()
    for _ in 0..<5 {
      let output = try pod.run("produce", Relay(hops: 1, length: 100 << 20).bytes)
      produced.add(Times.decoded(output[""] ?? []).prefix(1).map(Double.init))
    }
    line("produce 100 MB in place, ms", produced, 1_000_000)
    for window in [1, 64, 512] {
      line("two-step session, \(window) in flight, us", try Self.throughput(pod, window: window, count: 20_000))
    }
    let before = pod.processes.map { ProcessFigures.processorTime(of: $0) }.reduce(0, +)
    // sleep: what processes use while nothing happens is measured over this time.
    usleep(3_000_000)
    let used = pod.processes.map { ProcessFigures.processorTime(of: $0) }.reduce(0, +) - before
    lines.append("idle CPU, share of a core\t\(used / 3)")
    lines.append("sidecar's own memory, MB\t\(ProcessFigures.ownMemory(of: pod.sidecarProcess) >> 20)")
    return lines.joined(separator: "\n")
  }

  /// The whole chain's time and that of each hand-over.
  static func chain(_ pod: PodUnderTest, hops: Int, length: Int = 64) throws -> (total: Double, hops: [Double]) {
    let output = try pod.run("start", Relay(hops: UInt64(hops), length: UInt64(length)).bytes)
    let times = Times.decoded(output[""] ?? []).map(Double.init)
    guard let total = times.first else { throw BenchError("a chain of \(hops) has told no times") }
    return (total, Array(times.dropFirst()))
  }

  static func throughput(_ pod: PodUnderTest, window: Int, count: Int) throws -> Samples {
    var samples = Samples()
    for _ in 0..<3 {
      let start = MonotonicClock.nanoseconds()
      for _ in 0..<window { pod.link.enqueue("first", [1, 2, 3]) }
      for started in window..<count + window {
        let result = try pod.link.nextResult()
        guard result.state == .succeeded else { throw BenchError("\(result.state.name): \(result.message)") }
        if started < count { pod.link.enqueue("first", [1, 2, 3]) }
      }
      samples.add(Double(MonotonicClock.nanoseconds() - start) / Double(count))
    }
    return samples
  }
}
