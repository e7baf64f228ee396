/// What processes use while so much of the highest throughput is asked for.
package struct LoadLine: Codable {
  /// Of the throughput of two-step sessions with 64 in flight; zero for nothing at all.
  package var load: Double
  package var sessionsPerSecond: Double
  /// Shares of one processor.
  package var sidecar: Double
  package var executors: Double
  /// How often the threads of all of them woke up in a second.
  package var wakeUpsPerSecond: Double

  package init(
    load: Double, sessionsPerSecond: Double, sidecar: Double, executors: Double, wakeUpsPerSecond: Double
  ) {
    self.load = load
    self.sessionsPerSecond = sessionsPerSecond
    self.sidecar = sidecar
    self.executors = executors
    self.wakeUpsPerSecond = wakeUpsPerSecond
  }

  static let heading = ["shares of a processor", "sessions/s", "sidecar", "executors", "wake-ups/s"]

  var row: [String] {
    [
      load == 0 ? "idle" : "\(TextTable.share(load)) load", TextTable.number(sessionsPerSecond),
      TextTable.share(sidecar), TextTable.share(executors), TextTable.number(wakeUpsPerSecond),
    ]
  }
}
