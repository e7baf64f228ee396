import Dataflow
import FoundationEssentials
import KubernetesAPI
import Synchronization
import Wire

/// What the coordinator itself knows of a session.
struct KnownSession {
  var facts: SessionDescription
  /// The pod that can be asked about it.
  var pod: String?
}

/// Why the coordinator itself knows nothing of a session.
enum SessionMiss: Error, Hashable {
  case noWorkflow
  case gone
  /// A pod may still have it. `isFinal` unless pods are awaited that have not reported yet.
  case unknown(isFinal: Bool)

  func lookup<Found>() -> SessionLookup<Found> {
    switch self {
    case .noWorkflow: .noWorkflow
    case .gone: .gone
    case .unknown(isFinal: true): .unknown
    case .unknown(isFinal: false):
      .unavailable("the coordinator has just started and waits for the executor pods to report the sessions they hold")
    }
  }
}

extension SessionBroker {
  func look(up session: String, of key: ObjectKey) -> Result<KnownSession, SessionMiss> {
    let found = change(key) { board, _, now -> (Result<KnownSession, SessionMiss>, [PlacementAction]) in
      guard board.exists else { return (.failure(.noWorkflow), []) }
      guard let known = board.machine.sessions[session] else {
        if board.machine.wasForgotten(session) { return (.failure(.gone), []) }
        return (.failure(.unknown(isFinal: !board.machine.isGathering(now))), [])
      }
      let pod = known.pod.flatMap { board.links[$0] == nil ? nil : $0 }
      return (.success(KnownSession(facts: Self.describe(known, session, key, board, now), pod: pod)), [])
    }
    return found ?? .failure(.noWorkflow)
  }

  /// Derived sessions are begun by pods, so that a session which was not placed here may be on any of them.
  func search<Found>(
    _ session: String, _ key: ObjectKey, _ isFinal: Bool,
    _ found: (_ pod: String, _ description: [UInt8]) async throws -> SessionLookup<Found>
  ) async throws -> SessionLookup<Found> {
    switch try await locate(session, of: key) {
    case .on(let pod, let description): return try await found(pod, description)
    case .nowhere: return SessionMiss.unknown(isFinal: isFinal).lookup()
    case .uncertain:
      return .unavailable("a pod that may have the session \(session) does not answer, or too many questions are open")
    }
  }

  /// The outputs of a session that ended on a pod and that the coordinator has not placed.
  func collect(_ session: String, from pod: String, of key: ObjectKey) async throws -> SessionLookup<SessionOutput> {
    let answer = OneShot<SessionResult?>()
    let asked = change(key) { board, state, _ -> (UInt64?, [PlacementAction]) in
      guard let link = board.links[pod], state.queries.count < limits.questions else { return (nil, []) }
      let number = state.takeNumber()
      state.queries[number] = Query(workflow: key, pod: pod, purpose: .result(answer))
      link.send(.collect(request: number, session: session))
      return (number, [])
    }
    guard case .some(.some(let number)) = asked else { return .unavailable("its pod \(pod) cannot be asked") }
    defer { state.withLock { $0.queries[number] = nil } }
    do {
      switch try await answer.value(within: limits.question) {
      case .some(.some(let result)): return .found(.ended(result))
      case .some(.none): return .gone
      case .none: return .unavailable("its pod \(pod) does not answer")
      }
    } catch is LinkLost {
      return .unavailable("its pod \(pod) is gone")
    }
  }

  static func isRunning(_ description: [UInt8]) -> Bool {
    struct State: Decodable { var state: String }
    return (try? JSONDecoder().decode(State.self, from: Data(description)))?.state == "Running"
  }

  static func describe(
    _ known: PlacedSession, _ session: String, _ key: ObjectKey, _ board: WorkflowBoard, _ now: Moment
  ) -> SessionDescription {
    let state: String
    var message = known.result?.message ?? ""
    switch known.phase {
    case .ended(let result, _): state = result.state.name
    case .kept: state = "Ended"
    case .running: state = "Running"
    case .waiting, .placing:
      state = "Waiting"
      message = board.machine.whyWaiting(known, now)
    }
    return SessionDescription(
      session: session, workflow: key.name, namespace: key.namespace ?? "", pod: known.home ?? "", state: state,
      message: message, planRevision: board.plan?.revision ?? "", startedAt: Timestamp.text(known.arrived.wall),
      duration: Double(((known.ended ?? now).monotonic - known.arrived.monotonic).wholeNanoseconds) / 1e9,
      invocations: 0, outputs: known.result?.outputs.map(\.name) ?? [], timeline: [], droppedEntries: 0, waiting: [],
      isRecorded: known.request?.isRecorded ?? false)
  }
}

enum Timestamp {
  /// RFC 3339 with milliseconds.
  static func text(_ wall: Duration) -> String {
    Date(timeIntervalSince1970: Double(wall.wholeNanoseconds) / 1e9)
      .formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true).timeZone(separator: .omitted))
  }
}
