import Dataflow
import FoundationEssentials
import Scheduling
import Triggers
import Wire

/// What people and the coordinator are shown of sessions.
extension PodCore {
  mutating func answer(_ request: UInt64, _ document: (some Encodable)?) {
    let data = document.flatMap { try? JSONEncoder().encode($0) }
    act(.tellCoordinator(.answer(request: request, document: data.map(Array.init))))
  }

  func describe(_ name: String, now: Moment) -> SessionDescription? {
    guard let session = sessions[name] else { return nil }
    let engine = session.engine
    return SessionDescription(
      session: name, workflow: identity.workflow, namespace: identity.namespace, pod: identity.podName,
      state: engine.stateName, message: engine.outcome?.message ?? "", planRevision: engine.compiled.plan.revision,
      startedAt: Self.timestamp(session.startedAt.wall), duration: duration(of: session, now: now),
      invocations: engine.invocationCount, outputs: engine.outputs.map(\.name), timeline: engine.timeline,
      droppedEntries: engine.log.dropped, waiting: engine.waiting + gathering.waiting(of: name, now: now),
      causes: session.origin?.causes ?? [],
      derived: session.derived, isRecorded: session.recording != nil)
  }

  /// At most the newest thousand.
  func summaries(now: Moment) -> [SessionSummary]? {
    sessions.values.sorted { ($0.startedAt.monotonic, $0.name) > ($1.startedAt.monotonic, $1.name) }.prefix(1000)
      .map { session in
        SessionSummary(
          session: session.name, state: session.engine.stateName, pod: identity.podName,
          startedAt: Self.timestamp(session.startedAt.wall), duration: duration(of: session, now: now),
          invocations: session.engine.invocationCount)
      }
  }

  /// Which functions nobody has registered, and, for who has misspelled one, what there is instead; nil when nothing is
  /// missing, or nothing can be before there is a plan.
  package var functionComplaint: String? {
    guard let missing = missingFunctions, !missing.isEmpty else { return nil }
    let offered = scheduler.hostedFunctions.sorted()
    let instead =
      offered.isEmpty ? "no executor is there yet" : "the executors offer \(Self.list(offered))"
    return "no executor has registered function \(Self.list(missing)) (\(instead))"
  }

  private static func list(_ names: [String], limit: Int = 10) -> String {
    names.prefix(limit).joined(separator: ", ") + (names.count > limit ? " and \(names.count - limit) more" : "")
  }

  private func duration(of session: PodSession, now: Moment) -> Double {
    ((session.endedAt ?? now).monotonic - session.startedAt.monotonic).seconds
  }

  /// RFC 3339 with milliseconds, as the coordinator writes it too: what begins within a second has an order.
  private static func timestamp(_ wall: Duration) -> String {
    Date(timeIntervalSince1970: wall.seconds)
      .formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true).timeZone(separator: .omitted))
  }
}
