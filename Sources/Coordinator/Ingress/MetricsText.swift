import KubernetesAPI

/// What the coordinator does, in the text format of Prometheus.
enum MetricsText {
  static func render(_ broker: SessionBroker?) -> String {
    var text = "# TYPE pheromone_coordinator_leading gauge\npheromone_coordinator_leading \(broker == nil ? 0 : 1)\n"
    guard let broker else { return text }
    text += "# TYPE pheromone_coordinator_open_waits gauge\npheromone_coordinator_open_waits \(broker.openWaits)\n"
    text +=
      "# TYPE pheromone_coordinator_open_questions gauge\npheromone_coordinator_open_questions \(broker.openQuestions)\n"
    let figures = broker.figures()
    text += "# TYPE pheromone_sessions gauge\n"
    for figure in figures {
      text += line("pheromone_sessions", figure.key, ["state": "waiting"], figure.sessions.waiting)
      text += line("pheromone_sessions", figure.key, ["state": "active"], figure.sessions.active)
      text += line("pheromone_sessions", figure.key, ["state": "kept"], figure.sessions.kept)
    }
    text += "# TYPE pheromone_sessions_limit gauge\npheromone_sessions_limit \(broker.limits.placement.sessions)\n"
    text += "# TYPE pheromone_requests_overloaded_total counter\n"
    for figure in figures {
      text += line("pheromone_requests_overloaded_total", figure.key, [:], figure.sessions.overloaded)
    }
    text += "# TYPE pheromone_sessions_ended_total counter\n"
    for figure in figures {
      let sessions = figure.sessions
      for (state, count) in [
        ("Succeeded", sessions.succeeded), ("Failed", sessions.failed), ("Stalled", sessions.stalled),
        ("TimedOut", sessions.timedOut), ("Cancelled", sessions.cancelled),
      ] {
        text += line("pheromone_sessions_ended_total", figure.key, ["state": state], count)
      }
    }
    text += "# TYPE pheromone_sessions_restarted_total counter\n"
    for figure in figures {
      text += line("pheromone_sessions_restarted_total", figure.key, [:], figure.sessions.restarted)
    }
    for (name, value) in [
      ("pheromone_pod_sessions", { (pod: WorkflowFigures.Pod) in pod.sessions }),
      ("pheromone_pod_executors", { $0.executors }), ("pheromone_pod_executors_busy", { $0.busy }),
      ("pheromone_pod_memory_used_bytes", { Int(clamping: $0.memoryUsed) }),
      ("pheromone_pod_owner", { $0.isOwner ? 1 : 0 }),
    ] {
      text += "# TYPE \(name) gauge\n"
      for figure in figures {
        for (pod, load) in figure.pods.sorted(by: { $0.key < $1.key }) {
          text += line(name, figure.key, ["pod": pod], value(load))
        }
      }
    }
    text += "# TYPE pheromone_bucket_objects gauge\n"
    for figure in figures {
      for (name, bucket) in figure.buckets.sorted(by: { $0.key < $1.key }) {
        text += line("pheromone_bucket_objects", figure.key, ["bucket": name], Int(clamping: bucket.objects))
      }
    }
    text += "# TYPE pheromone_bucket_dead_letters_total counter\n"
    for figure in figures {
      for (name, bucket) in figure.buckets.sorted(by: { $0.key < $1.key }) {
        text += line(
          "pheromone_bucket_dead_letters_total", figure.key, ["bucket": name], Int(clamping: bucket.deadLetters))
      }
    }
    text += "# TYPE pheromone_trigger_fired_total counter\n"
    for figure in figures {
      for (name, bucket) in figure.buckets.sorted(by: { $0.key < $1.key }) {
        for (trigger, counts) in bucket.triggers.sorted(by: { $0.key < $1.key }) {
          text += line(
            "pheromone_trigger_fired_total", figure.key, ["bucket": name, "trigger": trigger],
            Int(clamping: counts.fired))
        }
      }
    }
    return text
  }

  /// Names in Kubernetes need no quoting.
  private static func line(_ name: String, _ key: ObjectKey, _ labels: [String: String], _ value: Int) -> String {
    let all =
      [("namespace", key.namespace ?? ""), ("workflow", key.name)] + labels.sorted { $0.key < $1.key }.map { ($0, $1) }
    return "\(name){\(all.map { "\($0)=\"\($1)\"" }.joined(separator: ","))} \(value)\n"
  }
}
