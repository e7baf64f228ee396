package import KubernetesClient
import Synchronization
import Telemetry

/// What the controller does, as numbers; the text of `/metrics`.
package final class ControllerMetrics: Sendable {
  package enum Outcome: String, Sendable, CaseIterable {
    case done, requeued, failed
  }

  /// What a queue is asked.
  struct Queue: Sendable {
    var count: @Sendable () -> Int
    var waits: @Sendable () -> Histogram
  }

  private struct Kind {
    var outcomes: [Outcome: Int] = [:]
    var seconds = Histogram.slow
    var queue: Queue?
  }

  private struct State {
    var kinds: [String: Kind] = [:]
    var isActive = false
    var isSynced = false
  }

  private let state = Mutex(State())

  package init() {}

  func reconciled(_ kind: String, _ outcome: Outcome, took: Duration) {
    state.withLock { state in
      state.kinds[kind, default: Kind()].outcomes[outcome, default: 0] += 1
      state.kinds[kind]?.seconds.observe(took)
    }
  }

  /// From now on that queue is the one of the kind.
  func follow(_ kind: String, _ queue: Queue) { state.withLock { $0.kinds[kind, default: Kind()].queue = queue } }

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

  /// In the text format of Prometheus, with the requests that `traffic` has counted.
  package func text(traffic: Traffic) -> String {
    let (kinds, isActive) = state.withLock { state in (state.kinds.sorted { $0.key < $1.key }, state.isActive) }
    func labels(_ kind: String) -> [MetricLabel] { [MetricLabel("kind", kind)] }
    var page = MetricsPage()
    page.gauge(
      "pheromone_controller_leader", "Whether this replica acts (1) or waits for its lease (0).", isActive ? 1 : 0)
    page.counter(
      "pheromone_controller_reconciliations_total", "Looks at a resource, by kind and outcome.",
      kinds.flatMap { name, kind in
        Outcome.allCases.map {
          MetricSample(kind.outcomes[$0] ?? 0, labels(name) + [MetricLabel("outcome", $0.rawValue)])
        }
      })
    page.histogram(
      "pheromone_controller_reconciliation_seconds", "How long a look at a resource takes.",
      kinds.map { (labels($0), $1.seconds) })
    page.gauge(
      "pheromone_controller_queue_items", "Resources that wait to be looked at, now or later.",
      kinds.compactMap { name, kind in kind.queue.map { MetricSample($0.count(), labels(name)) } })
    page.histogram(
      "pheromone_controller_queue_wait_seconds", "How long a resource that could be looked at has waited for it.",
      kinds.compactMap { name, kind in kind.queue.map { (labels(name), $0.waits()) } })
    page.counter(
      "pheromone_controller_api_requests_total", "Requests to the API server, by method and status.", traffic.samples)
    page.histogram(
      "pheromone_controller_api_request_wait_seconds",
      "How long requests to the API server were held back by --kube-api-qps before they were sent.",
      [([], traffic.waits)])
    return page.text
  }
}
