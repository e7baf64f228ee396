import Dataflow
import ExecutorPod
import NIOHTTP1
import ObjectStore
import Telemetry
import Wire

/// What the kubelet asks a sidecar over HTTP: probes, the drain before a stop, and metrics.
struct PodProbes: Sendable {
  private let loop: SidecarLoop
  private let coordinator: LinkAddress
  private let drainToken: String
  private let drainLimit: Duration

  init(_ configuration: SidecarConfiguration, loop: SidecarLoop) {
    self.loop = loop
    coordinator = configuration.coordinator
    drainToken = configuration.drainToken
    drainLimit = max(.seconds(1), configuration.grace - .seconds(10))
  }

  struct Answer: Sendable, Equatable {
    var status: HTTPResponseStatus
    var text: String
  }

  func answer(_ request: HTTPRequestHead) async -> Answer {
    guard request.method == .GET || request.method == .HEAD else {
      return Answer(status: .methodNotAllowed, text: "\(request.method.rawValue) is not answered here; use GET")
    }
    switch request.uri.prefix(while: { $0 != "?" }) {
    case "/startupz": return Answer(status: .ok, text: "started")
    case "/livez": return check(await loop.inspect { _ in true } == true ? nil : Self.lateness, "alive")
    case "/readyz":
      let (target, lateness) = (coordinator, Self.lateness)
      let complaint = await loop.inspect { Self.unreadiness(of: $0, coordinator: target) } ?? lateness
      return check(complaint, "ready")
    case "/metrics": return Answer(status: .ok, text: await loop.inspect(Self.metrics) ?? "")
    case let path where path == "/drain" || path.hasPrefix("/drain/"):
      guard request.headers.first(name: "X-Pheromone-Drain-Token") == drainToken else {
        return Answer(status: .forbidden, text: "the drain token is missing or wrong")
      }
      let isDone = await drain()
      return Answer(
        status: .ok, text: isDone ? "drained" : "time is over; sessions that are left start again elsewhere")
    case let path:
      return Answer(
        status: .notFound, text: "\(path) is not served; there are /startupz, /livez, /readyz, /metrics and /drain")
    }
  }

  private static let lateness = "the loop is behind"

  private func check(_ complaint: String?, _ praise: String) -> Answer {
    complaint.map { Answer(status: .serviceUnavailable, text: $0) } ?? Answer(status: .ok, text: praise)
  }

  /// Why the pod cannot run sessions, or nil when it can.
  private static func unreadiness(of core: PodCore, coordinator: LinkAddress) -> String? {
    guard core.plan != nil else {
      return core.isConnected
        ? "waiting for the plan of workflow \(core.identity.workflow)" : "no link to the coordinator at \(coordinator)"
    }
    return core.functionComplaint ?? (core.isDraining ? "draining" : nil)
  }

  /// Takes no new sessions and waits until those that run have ended. False when the time was over first.
  private func drain() async -> Bool {
    let (loop, limit) = (loop, drainLimit)
    loop.post(.drain)
    return await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        loop.post(.whenIdle { continuation.finish() })
        for await _ in stream {}
        return !Task.isCancelled
      }
      group.addTask {
        try? await Task.sleep(for: limit)
        return false
      }
      let isDone = await group.next() ?? false
      group.cancelAll()
      return isDone
    }
  }

  private static func metrics(of core: PodCore) -> String {
    let load = core.currentLoad()
    var page = MetricsPage()
    page.gauge("pheromone_sessions_active", "Sessions that run here.", load.activeSessions)
    page.gauge("pheromone_executors", "Executors that have registered.", load.executors)
    page.gauge("pheromone_executors_busy", "Executors that run an attempt.", load.busyExecutors)
    page.gauge("pheromone_invocations_queued", "Attempts that wait for an executor.", load.queuedInvocations)
    page.gauge(
      "pheromone_object_memory_bytes",
      "Object memory in use, by whole segments, without what is kept to be used again.", load.memoryUsed)
    page.gauge(
      "pheromone_object_memory_fragmented_bytes",
      "Object memory in segments that hold objects, without what the objects take.", core.ledger.fragmentedBytes)
    page.gauge("pheromone_object_memory_limit_bytes", "Object memory that may be used.", load.memoryLimit)
    page.gauge("pheromone_objects", "Objects that something still needs.", core.ledger.objectCount)
    page.counter("pheromone_sessions_succeeded_total", "Sessions that succeeded.", load.succeeded)
    page.counter("pheromone_sessions_failed_total", "Sessions that ended in another way.", load.failed)
    page.counter(
      "pheromone_attempts_total", "Attempts that were given to an executor.", core.totals.invocations)
    page.counter(
      "pheromone_attempts_continued_total", "Of these, those that an executor went on to by itself.",
      core.totals.continued)
    let ended = core.totals.attemptsEnded
    page.counter(
      "pheromone_attempts_ended_total",
      "Attempts by how they ended: gaveWay for want of memory, to run again; unneeded when nobody waited any more.",
      [
        ("committed", ended.committed), ("failed", ended.failed), ("gaveWay", ended.gaveWay),
        ("unneeded", ended.unneeded),
      ].map { MetricSample($1, [MetricLabel("outcome", $0)]) })
    page.counter(
      "pheromone_firings_total", "Firings of triggers, by primitive.",
      zip(Primitive.fieldNames, core.firings).map { MetricSample($1, [MetricLabel("primitive", $0)]) })
    page.histogram(
      "pheromone_invocation_queue_seconds", "How long attempts waited for an executor.",
      [([], histogram(core.totals.queueTimes))])
    page.histogram(
      "pheromone_hand_over_seconds", "From the reading of a report until the invocation that followed was written.",
      [([], histogram(core.totals.handOvers))])
    return page.text
  }

  private static func histogram(_ counts: DurationCounts) -> Histogram {
    func seconds(_ duration: Duration) -> Double {
      let (seconds, attoseconds) = duration.components
      return Double(seconds) + Double(attoseconds) / 1e18
    }
    return Histogram(
      bounds: DurationCounts.bounds.map(seconds), counts: counts.counts, sum: seconds(counts.sum))
  }
}
