import KubernetesAPI
import Telemetry

/// What the coordinator does, in the text format of Prometheus.
enum MetricsText {
  static func render(_ broker: SessionBroker?) -> String {
    var page = MetricsPage()
    page.gauge(
      "pheromone_coordinator_leading", "Whether this replica serves (1) or waits for its lease (0).",
      broker == nil ? 0 : 1)
    guard let broker else { return page.text }
    page.gauge(
      "pheromone_coordinator_open_waits", "Requests that wait for the end of their session.", broker.openWaits)
    page.gauge(
      "pheromone_coordinator_open_questions", "Questions to pods that have not been answered.", broker.openQuestions)
    page.gauge(
      "pheromone_sessions_limit", "Sessions that a workflow may have at a time.", broker.limits.placement.sessions)
    let figures = broker.figures()
    addSessions(figures, to: &page)
    addPods(figures, to: &page)
    addBuckets(figures, to: &page)
    return page.text
  }

  private static func addSessions(_ all: [WorkflowFigures], to page: inout MetricsPage) {
    page.gauge(
      "pheromone_sessions", "Sessions that wait for a pod, run, or are kept after their end.",
      all.flatMap { figures in
        let sessions = figures.sessions
        return [("waiting", sessions.waiting), ("active", sessions.active), ("kept", sessions.kept)].map {
          MetricSample($1, labels(figures) + [MetricLabel("state", $0)])
        }
      })
    page.counter(
      "pheromone_sessions_ended_total", "Sessions that have ended, by how.",
      all.flatMap { figures in
        let sessions = figures.sessions
        return [
          ("Succeeded", sessions.succeeded), ("Failed", sessions.failed), ("Stalled", sessions.stalled),
          ("TimedOut", sessions.timedOut), ("Cancelled", sessions.cancelled),
        ].map { MetricSample($1, labels(figures) + [MetricLabel("state", $0)]) }
      })
    page.counter(
      "pheromone_sessions_restarted_total", "Sessions that were begun again, since their pod was lost.",
      all.map { MetricSample($0.sessions.restarted, labels($0)) })
    page.counter(
      "pheromone_requests_overloaded_total", "Requests that were refused because there were too many sessions.",
      all.map { MetricSample($0.sessions.overloaded, labels($0)) })
  }

  private static func addPods(_ all: [WorkflowFigures], to page: inout MetricsPage) {
    let gauges: [(name: String, help: String, value: (WorkflowFigures.Pod) -> UInt64)] = [
      ("pheromone_pods", "Pods that are connected.", { _ in 1 }),
      ("pheromone_executors", "Executors of the pods.", { UInt64($0.executors) }),
      ("pheromone_executors_busy", "Executors that run an attempt.", { UInt64($0.busy) }),
      ("pheromone_object_memory_bytes", "Object memory in use in the pods.", { $0.memoryUsed }),
      ("pheromone_object_memory_limit_bytes", "Object memory that may be used in the pods.", { $0.memoryLimit }),
    ]
    for gauge in gauges {
      page.gauge(
        gauge.name, gauge.help,
        all.map { figures in
          // As numbers of Prometheus, so that no sum of what pods say can overflow.
          MetricSample(figures.pods.values.reduce(0.0) { $0 + Double(gauge.value($1)) }, labels(figures))
        })
    }
  }

  private static func addBuckets(_ all: [WorkflowFigures], to page: inout MetricsPage) {
    let buckets = all.flatMap { figures in
      figures.buckets.sorted { $0.key < $1.key }.map { name, bucket in
        (labels: labels(figures) + [MetricLabel("bucket", name)], bucket: bucket)
      }
    }
    page.gauge(
      "pheromone_bucket_objects", "Objects that a bucket holds.",
      buckets.map { MetricSample($0.bucket.objects, $0.labels) })
    page.counter(
      "pheromone_bucket_dead_letters_total", "Objects whose session of their own has failed.",
      buckets.map { MetricSample($0.bucket.deadLetters, $0.labels) })
    page.counter(
      "pheromone_trigger_fired_total", "How often a trigger has fired.",
      buckets.flatMap { labels, bucket in
        bucket.triggers.sorted { $0.key < $1.key }.map { trigger, counts in
          MetricSample(counts.fired, labels + [MetricLabel("trigger", trigger)])
        }
      })
  }

  private static func labels(_ figures: WorkflowFigures) -> [MetricLabel] {
    [MetricLabel("namespace", figures.key.namespace ?? ""), MetricLabel("workflow", figures.key.name)]
  }
}
