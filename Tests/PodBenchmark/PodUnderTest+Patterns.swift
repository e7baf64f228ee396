import Measures
import SharedMemory
import Wire

extension PodUnderTest {
  /// Nanoseconds from a fan-out of so many functions to the start of their join.
  func fan(_ count: Int) throws -> Double {
    let output = try run("fan", Relay(hops: count).bytes)
    guard let time = Times.decoded(output[""] ?? []).first else { throw BenchError("a join has told no time") }
    return Double(time)
  }

  /// Nanoseconds a session of two steps, with so many under way at a time.
  func throughput(window: Int, count: Int) throws -> Double {
    let start = MonotonicClock.nanoseconds()
    for _ in 0..<window { link.enqueue("first", [1, 2, 3]) }
    for started in window..<count + window {
      let result = try link.nextResult()
      guard result.state == .succeeded else { throw BenchError("\(result.state.name): \(result.message)") }
      if started < count { link.enqueue("first", [1, 2, 3]) }
    }
    return Double(MonotonicClock.nanoseconds() - start) / Double(count)
  }
}
