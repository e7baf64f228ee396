package import Dataflow
import Foundation
package import KubernetesAPI
package import Wire

/// What is known of a session that was asked for.
package enum SessionLookup: Sendable, Hashable {
  case noWorkflow
  case unknown
  /// Ended and forgotten after the workflow's retention.
  case gone
  /// It may be on a pod that has not reported yet, or its pod does not answer.
  case unavailable(String)
  case document([UInt8])
}

package enum OutputLookup: Sendable, Hashable {
  case noWorkflow
  case unknown
  case gone
  case running
  case unavailable(String)
  case ended(SessionResult)
}

extension SessionBroker {
  /// The facts of one session, from its pod where that lives.
  package func describe(_ session: String, of key: ObjectKey) async throws -> SessionLookup {
    typealias Found = (lookup: SessionLookup?, answer: OneShot<[UInt8]?>?, fallback: SessionDescription?)
    let found = change(key) { board, state, now -> (Found, [PlacementAction]) in
      guard board.exists else { return ((.noWorkflow, nil, nil), []) }
      guard let known = board.machine.sessions[session] else {
        if board.machine.wasForgotten(session) { return ((.gone, nil, nil), []) }
        return ((board.machine.isGathering(now) ? .unavailable(Self.gathering) : .unknown, nil, nil), [])
      }
      let facts = Self.describe(known, session, key, board, now)
      guard let pod = known.pod, let link = board.links[pod] else { return ((nil, nil, facts), []) }
      let number = state.takeNumber()
      let answer = OneShot<[UInt8]?>()
      state.queries[number] = Query(workflow: key, pod: pod, purpose: .document(answer))
      link.send(.describe(request: number, session: session))
      return ((nil, answer, facts), [])
    }
    guard let found else { return .noWorkflow }
    if let lookup = found.lookup { return lookup }
    if let answer = found.answer, case .some(.some(let document)) = try await answer.value(within: limits.question) {
      return .document(document)
    }
    guard let facts = found.fallback, let data = try? JSONEncoder().encode(facts) else {
      return .unavailable("its pod does not answer")
    }
    return .document([UInt8](data))
  }

  /// The sessions of a workflow, newest first: those of its pods, and those that only the coordinator knows.
  package func list(_ key: ObjectKey) async throws -> [SessionSummary]? {
    let asked = change(key) { board, state, now -> (([OneShot<[UInt8]?>], [SessionSummary])?, [PlacementAction]) in
      guard board.exists else { return (nil, []) }
      let answers = board.links.sorted { $0.key < $1.key }.map { pod, link in
        let number = state.takeNumber()
        let answer = OneShot<[UInt8]?>()
        state.queries[number] = Query(workflow: key, pod: pod, purpose: .document(answer))
        link.send(.list(request: number))
        return answer
      }
      let own = board.machine.sessions.map { id, session in
        let facts = Self.describe(session, id, key, board, now)
        return SessionSummary(
          session: id, state: facts.state, pod: facts.pod, startedAt: facts.startedAt, duration: facts.duration,
          invocations: 0)
      }
      return ((answers, own), [])
    }
    guard case .some(.some(let (answers, own))) = asked else { return nil }
    var byID = Dictionary(own.map { ($0.session, $0) }) { first, _ in first }
    for answer in answers {
      guard case .some(.some(let document)) = try await answer.value(within: limits.question),
        let summaries = try? JSONDecoder().decode([SessionSummary].self, from: Data(document))
      else { continue }
      // What a session that was restarted left on another pod does not count.
      for summary in summaries where byID[summary.session].map({ $0.pod == summary.pod || $0.pod.isEmpty }) ?? true {
        byID[summary.session] = summary
      }
    }
    return byID.values.sorted { ($0.startedAt, $0.session) > ($1.startedAt, $1.session) }
  }

  /// The outputs of a session that has ended.
  package func output(_ session: String, of key: ObjectKey) async throws -> OutputLookup {
    let found = change(key) { board, state, now -> ((OutputLookup?, OneShot<SessionOutcome>), [PlacementAction]) in
      let outcome = OneShot<SessionOutcome>()
      guard board.exists else { return ((.noWorkflow, outcome), []) }
      guard let known = board.machine.sessions[session] else {
        if board.machine.wasForgotten(session) { return ((.gone, outcome), []) }
        return ((board.machine.isGathering(now) ? .unavailable(Self.gathering) : .unknown, outcome), [])
      }
      switch known.phase {
      case .waiting, .placing, .running: return ((.running, outcome), [])
      case .ended(let result, _): return ((.ended(result), outcome), [])
      case .kept(let pod):
        guard state.waiterCount < limits.waiters else { return ((.unavailable("too many requests wait"), outcome), []) }
        let waiter = WorkflowBoard.Waiter(number: state.takeNumber(), wantsEnd: true, outcome: outcome)
        keep((board.waiters[session] ?? []) + [waiter], session, &board, &state)
        return ((nil, outcome), [.collect(session: session, pod: pod)])
      }
    }
    guard let (lookup, outcome) = found else { return .noWorkflow }
    if let lookup { return lookup }
    switch try await outcome.value(within: limits.question) {
    case .finished(let result): return .ended(result)
    case .failed: return .gone
    case .accepted, nil: return .unavailable("its pod does not answer")
    }
  }

  /// Nil when there is no workflow; false when there is nothing (any more) to cancel.
  package func cancel(_ session: String, of key: ObjectKey) -> Bool? {
    let done = change(key) { board, _, now -> (Bool?, [PlacementAction]) in
      guard board.exists else { return (nil, []) }
      let actions = board.machine.cancelled(session, now: now)
      return (actions != nil, actions ?? [])
    }
    return done ?? nil
  }

  private static let gathering =
    "the coordinator has just started and waits for the executor pods to report the sessions they hold"

  private static func describe(
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
      invocations: 0, outputs: known.result?.outputs.map(\.name) ?? [], timeline: [], droppedEntries: 0, waiting: [])
  }
}

enum Timestamp {
  /// RFC 3339 with milliseconds.
  static func text(_ wall: Duration) -> String {
    Date(timeIntervalSince1970: Double(wall.wholeNanoseconds) / 1e9)
      .formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true).timeZone(separator: .omitted))
  }
}
