import Synchronization

/// What the controller does, as numbers; the text of `/metrics`.
package final class ControllerMetrics: Sendable {
  package enum Outcome: String, Sendable, CaseIterable {
    case done, requeued, failed
  }

  private struct State {
    var reconciliations: [String: [Outcome: (count: Int, seconds: Double)]] = [:]
    var isActive = false
    var isSynced = false
  }

  private let state = Mutex(State())

  package init() {}

  package func reconciled(_ kind: String, _ outcome: Outcome, took: Duration) {
    let (seconds, attoseconds) = took.components
    state.withLock { state in
      var entry = state.reconciliations[kind, default: [:]][outcome] ?? (0, 0)
      entry.count += 1
      entry.seconds += Double(seconds) + Double(attoseconds) / 1e18
      state.reconciliations[kind, default: [:]][outcome] = entry
    }
  }

  package func becameActive() { state.withLock { $0.isActive = true } }

  package func synced() { state.withLock { $0.isSynced = true } }

  package func becameIdle() {
    state.withLock { state in
      state.isActive = false
      state.isSynced = false
    }
  }

  /// Active and not yet synced: work is wanted and cannot be done yet.
  package var isWaitingForCaches: Bool { state.withLock { $0.isActive && !$0.isSynced } }
  package var isSynced: Bool { state.withLock { $0.isSynced } }

  /// In the text format of Prometheus.
  package var text: String {
    let (reconciliations, isActive) = state.withLock { ($0.reconciliations, $0.isActive) }
    var lines = [
      "# HELP pheromone_controller_leader Whether this replica acts (1) or waits for its lease (0).",
      "# TYPE pheromone_controller_leader gauge",
      "pheromone_controller_leader \(isActive ? 1 : 0)",
      "# HELP pheromone_controller_reconciliations_total Looks at a resource, by kind and outcome.",
      "# TYPE pheromone_controller_reconciliations_total counter",
    ]
    var seconds = [
      "# HELP pheromone_controller_reconciliation_seconds_total Time spent on them.",
      "# TYPE pheromone_controller_reconciliation_seconds_total counter",
    ]
    for (kind, outcomes) in reconciliations.sorted(by: { $0.key < $1.key }) {
      for outcome in Outcome.allCases {
        let entry = outcomes[outcome] ?? (0, 0)
        let labels = "{kind=\"\(kind)\",outcome=\"\(outcome.rawValue)\"}"
        lines.append("pheromone_controller_reconciliations_total\(labels) \(entry.count)")
        seconds.append("pheromone_controller_reconciliation_seconds_total\(labels) \(entry.seconds)")
      }
    }
    return (lines + seconds).joined(separator: "\n") + "\n"
  }
}
