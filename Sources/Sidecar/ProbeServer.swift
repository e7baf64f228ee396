import Dataflow
import ExecutorPod
import HTTPTypes
import Hummingbird
import Logging
import ObjectStore
import Wire

/// What the kubelet asks a sidecar over HTTP: probes, the drain before a stop, and metrics.
enum ProbeServer {
  static func make(_ configuration: SidecarConfiguration, loop: SidecarLoop, logger: Logger) -> some ApplicationProtocol
  {
    let router = Router()
    router.get("startupz") { _, _ in "started\n" }
    router.get("livez") { _, _ in
      await loop.inspect { _ in true } == true ? text(.ok, "alive") : text(.serviceUnavailable, "the loop is behind")
    }
    router.get("readyz") { _, _ in
      let complaint =
        await loop.inspect { unreadiness(of: $0, coordinator: configuration.coordinator) } ?? "the loop is behind"
      return complaint.map { text(.serviceUnavailable, $0) } ?? text(.ok, "ready")
    }
    router.get("metrics") { _, _ in text(.ok, await loop.inspect(metrics(of:)) ?? "") }
    for path in ["drain", "drain/:container"] as [RouterPath] {
      router.get(path) { request, _ in
        guard let name = HTTPField.Name("X-Pheromone-Drain-Token"), request.headers[name] == configuration.drainToken
        else {
          return text(.forbidden, "the drain token is missing or wrong")
        }
        let isDone = await drain(loop, limit: max(.seconds(1), configuration.grace - .seconds(10)))
        return isDone ? text(.ok, "drained") : text(.ok, "time is over; sessions that are left start again elsewhere")
      }
    }
    return Application(
      router: router,
      configuration: .init(address: .hostname(configuration.listen.host, port: configuration.listen.port)),
      logger: logger)
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
  private static func drain(_ loop: SidecarLoop, limit: Duration) async -> Bool {
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
    let gauges: [(name: String, help: String, value: UInt64)] = [
      ("pheromone_sessions_active", "Sessions that run here.", UInt64(load.activeSessions)),
      ("pheromone_executors", "Executors that have registered.", UInt64(load.executors)),
      ("pheromone_executors_busy", "Executors that run an attempt.", UInt64(load.busyExecutors)),
      ("pheromone_invocations_queued", "Attempts that wait for an executor.", UInt64(load.queuedInvocations)),
      (
        "pheromone_object_memory_bytes",
        "Object memory in use, by whole segments, without what is kept to be used again.", load.memoryUsed
      ),
      ("pheromone_object_memory_limit_bytes", "Object memory that may be used.", load.memoryLimit),
      ("pheromone_objects", "Objects that something still needs.", UInt64(core.ledger.objectCount)),
    ]
    let counters: [(name: String, help: String, value: UInt64)] = [
      ("pheromone_sessions_succeeded_total", "Sessions that succeeded.", load.succeeded),
      ("pheromone_sessions_failed_total", "Sessions that ended in another way.", load.failed),
      ("pheromone_attempts_total", "Attempts that were given to an executor.", core.totals.invocations),
    ]
    let lines =
      gauges.map { "# HELP \($0.name) \($0.help)\n# TYPE \($0.name) gauge\n\($0.name) \($0.value)\n" }
      + counters.map { "# HELP \($0.name) \($0.help)\n# TYPE \($0.name) counter\n\($0.name) \($0.value)\n" }
    return lines.joined()
  }

  private static func text(_ status: HTTPResponse.Status, _ message: String) -> Response {
    Response(
      status: status, headers: [.contentType: "text/plain; charset=utf-8"],
      body: .init(byteBuffer: .init(string: message.hasSuffix("\n") ? message : message + "\n")))
  }
}
