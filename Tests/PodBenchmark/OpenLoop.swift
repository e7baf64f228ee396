import Measures
import SharedMemory
import Wire

/// Two-step sessions that come at an even rate, whether or not the earlier ones have ended.
enum OpenLoop {
  /// How long each took from when it was due, so that what is late because the pod was behind counts in full.
  static func run(_ pod: PodUnderTest, rate: Double, seconds: Double) throws -> Samples {
    let link = pod.link
    let numberBefore = link.sessions + 1
    var pace = Pace(start: MonotonicClock.nanoseconds(), rate: rate, duration: seconds)
    var latencies = Samples()
    while latencies.values.count < pace.count {
      for _ in pace.take(at: MonotonicClock.nanoseconds()) { link.enqueue("first", [1, 2, 3]) }
      // When all have begun, there is nothing to do before a result comes.
      let deadline = pace.next ?? MonotonicClock.nanoseconds() + 1_000_000_000
      for result in try link.results(until: deadline) {
        guard result.state == .succeeded else { throw BenchError("\(result.state.name): \(result.message)") }
        let due = pace.due(DriverLink.number(of: result) - numberBefore)
        latencies.add(Double(MonotonicClock.nanoseconds() - due))
      }
    }
    try link.flush()
    return latencies
  }
}
