package import Dataflow
import FoundationEssentials
package import KubernetesAPI
import Synchronization
package import Wire

/// What came of a question about a session.
package enum SessionLookup<Found: Sendable & Hashable>: Sendable, Hashable {
  case noWorkflow
  case unknown
  /// Ended and forgotten after the workflow's retention.
  case gone
  /// It may be on a pod that has not reported yet, or its pod does not answer.
  case unavailable(String)
  case found(Found)
}

/// The outputs of a session, or that it has none yet.
package enum SessionOutput: Sendable, Hashable {
  case running
  case ended(SessionResult)
}

extension SessionBroker {
  /// The facts of one session as JSON, from its pod where that lives.
  package func describe(_ session: String, of key: ObjectKey) async throws -> SessionLookup<[UInt8]> {
    let known: KnownSession
    switch look(up: session, of: key) {
    case .failure(.unknown(let isFinal)):
      return try await search(session, key, isFinal) { _, description in .found(description) }
    case .failure(let miss): return miss.lookup()
    case .success(let found): known = found
    }
    if let pod = known.pod,
      case .document(let document) = try await ask(pod, of: key, { .describe(request: $0, session: session) })
    {
      return .found(document)
    }
    return .found([UInt8](try JSONEncoder().encode(known.facts)))
  }

  /// The sessions of a workflow, newest first: those of its pods, and those that only the coordinator knows.
  package func list(_ key: ObjectKey) async throws -> [SessionSummary]? {
    let own = change(key) { board, _, now -> ([SessionSummary]?, [PlacementAction]) in
      guard board.exists else { return (nil, []) }
      let own = board.machine.sessions.map { id, session in
        let facts = Self.describe(session, id, key, board, now)
        return SessionSummary(
          session: id, state: facts.state, pod: facts.pod, startedAt: facts.startedAt, duration: facts.duration,
          invocations: 0)
      }
      return (own, [])
    }
    guard case .some(.some(let own)) = own else { return nil }
    var byID = Dictionary(own.map { ($0.session, $0) }) { first, _ in first }
    for answer in try await askAll(key, { .list(request: $0) }) {
      guard case .document(let document) = answer,
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
  package func output(_ session: String, of key: ObjectKey) async throws -> SessionLookup<SessionOutput> {
    if case .failure(let miss) = look(up: session, of: key) {
      guard case .unknown(let isFinal) = miss else { return miss.lookup() }
      return try await search(session, key, isFinal) { pod, description in
        if Self.isRunning(description) { return .found(.running) }
        return try await collect(session, from: pod, of: key)
      }
    }
    let found = change(key) {
      board, state, _ -> ((SessionLookup<SessionOutput>?, OneShot<SessionOutcome>), [PlacementAction]) in
      let outcome = OneShot<SessionOutcome>()
      switch board.machine.sessions[session]?.phase {
      case nil: return ((.gone, outcome), [])
      case .waiting, .placing, .running: return ((.found(.running), outcome), [])
      case .ended(let result, _): return ((.found(.ended(result)), outcome), [])
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
    case .finished(let result): return .found(.ended(result))
    case .failed: return .gone
    case .accepted, nil: return .unavailable("its pod does not answer")
    }
  }

  /// What the engine of a session was told and decided, as JSON; nil when that was not recorded.
  package func recording(_ session: String, of key: ObjectKey) async throws -> SessionLookup<[UInt8]?> {
    switch look(up: session, of: key) {
    case .failure(.unknown(let isFinal)):
      return try await search(session, key, isFinal) { pod, _ in try await recording(session, from: pod, of: key) }
    case .failure(let miss): return miss.lookup()
    case .success(let known):
      guard let pod = known.pod else { return .found(nil) }
      return try await recording(session, from: pod, of: key)
    }
  }

  private func recording(
    _ session: String, from pod: String, of key: ObjectKey
  ) async throws -> SessionLookup<[UInt8]?> {
    let understands = state.withLock { $0.boards[key]?.features[pod]?.contains(.recordings) ?? false }
    guard understands else { return .found(nil) }
    switch try await ask(pod, of: key, { .recording(request: $0, session: session) }) {
    case .document(let document): return .found(document)
    case .nothing: return .found(nil)
    case .silence: return .unavailable("its pod \(pod) does not answer")
    }
  }

  /// Ends a session. False when it is over already.
  package func cancel(_ session: String, of key: ObjectKey) async throws -> SessionLookup<Bool> {
    let known = change(key) { board, _, now -> (Bool?, [PlacementAction]) in
      guard board.exists, board.machine.sessions[session] != nil else { return (nil, []) }
      let actions = board.machine.cancelled(session, now: now)
      return (actions != nil, actions ?? [])
    }
    if case .some(.some(let isCancelled)) = known { return .found(isCancelled) }
    switch look(up: session, of: key) {
    case .success, .failure(.gone): return .found(false)
    case .failure(.noWorkflow): return .noWorkflow
    case .failure(.unknown(let isFinal)):
      return try await search(session, key, isFinal) { pod, description in
        guard Self.isRunning(description) else { return .found(false) }
        _ = change(key) { _, _, _ in ((), [.send(pod: pod, .cancel(session: session))]) }
        return .found(true)
      }
    }
  }
}
