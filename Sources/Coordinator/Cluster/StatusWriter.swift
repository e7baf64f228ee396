import Dataflow
package import KubernetesAPI
package import KubernetesClient
package import Logging

/// Writes the counters into the status of Workflows and Buckets, only what changed and not too often.
package struct StatusWriter: Sendable {
  package static let fieldManager = "pheromone-coordinator"
  private let client: KubernetesClient
  private let broker: SessionBroker
  private let logger: Logger

  package init(client: KubernetesClient, broker: SessionBroker, logger: Logger) {
    self.client = client
    self.broker = broker
    self.logger = logger
  }

  /// Runs until it is cancelled.
  package func run() async throws {
    var throttle = StatusThrottle()
    while true {
      for report in throttle.due(broker.figures(), now: broker.clock().monotonic) {
        do {
          _ = try await client.apply(
            report.document, report.type, subresource: "status", fieldManager: Self.fieldManager)
        } catch let error as CancellationError {
          throw error
        } catch {
          throttle.failed(report)
          let isGone = (error as? KubernetesError)?.isNotFound ?? false
          logger.log(
            level: isGone ? .debug : .warning, "cannot write status",
            metadata: ["resource": "\(report.type.kind)/\(report.document.key)", "error": "\(error)"])
        }
      }
      try await Task.sleep(for: .milliseconds(500))
    }
  }
}

/// One status to write.
package struct StatusReport: Sendable, Hashable {
  package var type: ResourceType
  package var document: KubernetesObject
  package var isActive: Bool

  var id: String { "\(type.kind)/\(document.key)" }
}

/// Decides which statuses are written: those that changed, each at most every ten seconds, at once between idle and active.
///
/// A session may begin and end between two looks, and then nobody sees the workflow active. So the figures of an idle
/// workflow are written as soon as they have settled, which is when two looks find the same.
package struct StatusThrottle: Sendable {
  private struct Written {
    var report: StatusReport
    var at: Duration
    var hasFailed = false
  }

  private var written: [String: Written] = [:]
  /// What the last look found.
  private var seen: [String: KubernetesObject] = [:]
  private let interval: Duration

  package init(interval: Duration = .seconds(10)) { self.interval = interval }

  package mutating func due(_ figures: [WorkflowFigures], now: Duration) -> [StatusReport] {
    let reports = figures.flatMap(Self.reports)
    let ids = Set(reports.map(\.id))
    written = written.filter { ids.contains($0.key) }
    let before = seen
    seen = Dictionary(uniqueKeysWithValues: reports.map { ($0.id, $0.document) })
    var due: [StatusReport] = []
    for report in reports {
      if let last = written[report.id] {
        guard last.report.document != report.document else { continue }
        let hasSettled = !report.isActive && !last.hasFailed && before[report.id] == report.document
        guard hasSettled || last.report.isActive != report.isActive || now - last.at >= interval else { continue }
      }
      written[report.id] = Written(report: report, at: now)
      due.append(report)
    }
    return due
  }

  /// It is tried again after the interval, with whatever is true then.
  package mutating func failed(_ report: StatusReport) {
    written[report.id]?.report.document = KubernetesObject(.null)
    written[report.id]?.hasFailed = true
  }

  private static func reports(_ figures: WorkflowFigures) -> [StatusReport] {
    let isActive = figures.sessions.active + figures.sessions.waiting > 0
    var workflow = KubernetesObject(.workflow, namespace: figures.key.namespace, name: figures.key.name)
    let sessions = figures.sessions
    workflow["status"] = [
      "fullPods": .integer(Int64(figures.pods.values.count { !$0.hasRoom })),
      "sessions": [
        "waiting": .integer(Int64(sessions.waiting)), "active": .integer(Int64(sessions.active)),
        "succeeded": .integer(Int64(sessions.succeeded)), "failed": .integer(Int64(sessions.failed)),
        "stalled": .integer(Int64(sessions.stalled)), "timedOut": .integer(Int64(sessions.timedOut)),
        "cancelled": .integer(Int64(sessions.cancelled)),
      ],
    ]
    let buckets = figures.buckets.sorted { $0.key < $1.key }.map { name, bucket in
      var object = KubernetesObject(.bucket, namespace: figures.key.namespace, name: name)
      let triggers = bucket.triggers.sorted { $0.key < $1.key }.map { name, trigger -> JSONValue in
        [
          "name": .string(name), "fired": .integer(Int64(clamping: trigger.fired)),
          "pending": .integer(Int64(clamping: trigger.pending)),
        ]
      }
      object["status"] = [
        "objects": .integer(Int64(clamping: bucket.objects)), "bytes": .integer(Int64(clamping: bucket.bytes)),
        "deadLetters": .integer(Int64(clamping: bucket.deadLetters)), "triggers": .array(triggers),
      ]
      return StatusReport(type: .bucket, document: object, isActive: isActive)
    }
    return [StatusReport(type: .workflow, document: workflow, isActive: isActive)] + buckets
  }
}
