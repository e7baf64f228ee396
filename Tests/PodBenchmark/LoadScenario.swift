import Foundation
import Measures
import SharedMemory

/// What a pod's processes use while little or much is asked of them.
struct LoadScenario {
  var pod: PodUnderTest
  /// The two-step sessions in a second that it can do.
  var rate: Double

  private static let seconds = 3.0

  func lines() throws -> [LoadLine] {
    // sleep: ended sessions are kept for a second.
    usleep(2_000_000)
    let idle = line(0) {
      // sleep: what processes use while nothing happens is measured over this time.
      usleep(UInt32(Self.seconds * 1_000_000))
    }
    return try [idle]
      + [0.01, 0.5].map { load in
        try line(load) { _ = try OpenLoop.run(pod, rate: rate * load, seconds: Self.seconds) }
      }
  }

  private func line(_ load: Double, _ body: () throws -> Void) rethrows -> LoadLine {
    let executors = pod.executorProcesses
    func used(_ processes: [Int32]) -> Double { processes.reduce(0) { $0 + ProcessFigures.processorTime(of: $1) } }
    func switches() -> Int {
      (executors + [pod.sidecarProcess]).reduce(0) { $0 + ProcessFigures.voluntarySwitches(of: $1) }
    }
    let start = MonotonicClock.nanoseconds()
    let before = (used([pod.sidecarProcess]), used(executors), switches())
    try body()
    let seconds = Double(MonotonicClock.nanoseconds() - start) / 1_000_000_000
    return LoadLine(
      load: load, sessionsPerSecond: rate * load, sidecar: (used([pod.sidecarProcess]) - before.0) / seconds,
      executors: (used(executors) - before.1) / seconds, wakeUpsPerSecond: Double(switches() - before.2) / seconds)
  }
}
