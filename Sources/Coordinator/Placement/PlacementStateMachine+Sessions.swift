package import Dataflow
package import Wire

extension PlacementStateMachine {
  /// A request arrives: with the key of an earlier one it is a retry and belongs to that one's session.
  package mutating func requestArrived(
    _ request: CoordinatorFrame.SessionRequest, now: Moment
  ) -> (arrival: PlacementArrival, actions: [PlacementAction]) {
    if let key = request.idempotencyKey, let id = keys[key], let known = sessions[id] {
      guard known.requestHash == request.requestHash else { return (.rejected(.keyReused(session: id)), []) }
      if case .kept(let pod) = known.phase { return (.attached(session: id), [.collect(session: id, pod: pod)]) }
      return (.attached(session: id), [])
    }
    guard !isSuspended else { return (.rejected(.suspended), []) }
    if let bound = boundReached(by: request) {
      counters.overloaded += 1
      return (.rejected(.overloaded(bound)), [])
    }
    let limit = rules?.sessionTimeout ?? .seconds(60)
    let wish = request.timeout.map { Duration.nanoseconds(Int64(clamping: $0)) } ?? limit
    sessions[request.session] = PlacedSession(
      request: request, idempotencyKey: request.idempotencyKey, requestHash: request.requestHash,
      deadline: now.monotonic + min(wish, limit), arrived: now)
    payloadBytes += request.payload.count
    if let key = request.idempotencyKey { keys[key] = request.session }
    waiting.append(request.session)
    return (.admitted(session: request.session), place(now))
  }

  /// What there is too much of, if anything, to take another request. May forget an ended session to make room.
  private mutating func boundReached(by request: CoordinatorFrame.SessionRequest) -> String? {
    if waiting.count >= limits.waiting { return "\(waiting.count) requests wait for a pod already, and no more may" }
    if sessions.count >= limits.sessions, !forgetOldest() {
      let kept = keys.count { sessions[$0.value]?.isOver == true }
      let retention = DurationText.format(rules?.retention ?? .seconds(300))
      return
        "of the \(limits.sessions) sessions that the coordinator holds for a workflow, \(sessions.count - kept) run or "
        + "wait, and \(kept) have ended and are kept for retries with their Idempotency-Key until spec.retention "
        + "(\(retention)) has passed; shorten it, or send keys only where a retry needs them"
    }
    if payloadBytes + request.payload.count > limits.payloadBytes {
      return "the payloads of running sessions take \(payloadBytes) of \(limits.payloadBytes) bytes already"
    }
    return nil
  }

  package mutating func stored(_ id: String, pod: String, now: Moment) -> [PlacementAction] {
    guard var session = sessions[id], case .placing(pod) = session.phase else {
      // Given up or placed elsewhere in the meantime; a second attempt must not go on beside the first.
      return isOn(id, pod) || !isKnownPod(pod) ? [] : [.send(pod: pod, .cancel(session: id))]
    }
    session.phase = .running(pod: pod)
    session.isAccepted = true
    sessions[id] = session
    return [.accepted(session: id)]
  }

  package mutating func refused(
    _ id: String, pod: String, reason: String, isFinal: Bool, now: Moment
  ) -> [PlacementAction] {
    guard var session = sessions[id], case .placing(pod) = session.phase else { return [] }
    pods[pod]?.active.remove(id)
    if isFinal {
      guard session.isAccepted else { return drop(id, .refused(reason)) }
      return conclude(SessionResult(session: id, state: .failed, message: reason), pod: nil, now)
    }
    session.phase = .waiting
    session.refusals[pod] = now.monotonic + limits.refusalPause
    session.lastRefusal = "\(pod) says: \(reason)"
    sessions[id] = session
    waiting.insert(id, at: 0)
    return place(now)
  }

  /// A pod says how a session ended. The first such word counts, whoever says it: results are delivered once.
  package mutating func ended(_ result: SessionResult, pod: String, now: Moment) -> [PlacementAction] {
    guard !isGivenUp(result, by: pod) else { return [] }
    switch sessions[result.session]?.phase {
    case .ended: return []
    case .kept: return conclude(result, pod: pod, now, counts: false)
    case .placing(let other) where other != pod, .running(let other) where other != pod:
      return [.send(pod: other, .cancel(session: result.session))] + conclude(result, pod: pod, now)
    case nil where wasForgotten(result.session): return []
    case nil, .waiting, .placing, .running: return conclude(result, pod: pod, now)
    }
  }

  /// Whether the pod only answers that it has given up an attempt, as it was told to because the session had gone on
  /// elsewhere: a cancellation that nobody asked for. While the session is being placed even its own pod can say so, since
  /// the words cross the new start on their way. One that runs there was cancelled before this coordinator began.
  private func isGivenUp(_ result: SessionResult, by pod: String) -> Bool {
    guard result.state == .cancelled, let session = sessions[result.session], !session.isCancelled else { return false }
    switch session.phase {
    case .waiting, .placing: return true
    case .running(let home), .kept(let home): return home != pod
    case .ended: return false
    }
  }

  /// The outputs that a pod was asked for; nil when it has none any more.
  package mutating func collected(
    _ id: String, _ result: SessionResult?, pod: String, now: Moment
  ) -> [PlacementAction] {
    guard case .kept(pod) = sessions[id]?.phase else { return [] }
    guard let result else { return drop(id, .lost(pod: pod), isForgotten: true) }
    return conclude(result, pod: pod, now, counts: false)
  }

  /// Nil when there is no such session, or it has ended.
  package mutating func cancelled(_ id: String, now: Moment) -> [PlacementAction]? {
    guard let session = sessions[id] else { return nil }
    switch session.phase {
    case .waiting:
      return conclude(
        SessionResult(session: id, state: .cancelled, message: "cancelled before a pod had taken it"), pod: nil, now)
    case .placing(let pod), .running(let pod):
      sessions[id]?.isCancelled = true
      return [.send(pod: pod, .cancel(session: id))]
    case .ended, .kept: return nil
    }
  }

  // MARK: - Ends

  mutating func conclude(
    _ result: SessionResult, pod: String?, _ now: Moment, counts: Bool = true
  ) -> [PlacementAction] {
    let id = result.session
    var session =
      sessions[id]
      ?? PlacedSession(request: nil, idempotencyKey: nil, requestHash: "", deadline: now.monotonic, arrived: now)
    release(id, session)
    session.request = nil
    session.phase = .ended(result, at: now.monotonic)
    session.home = pod
    session.ended = now
    sessions[id] = session
    resultOrder.append(id)
    resultBytes += result.size
    if counts { counters.add(result.state) }
    shrinkResults()
    return [.finished(result)]
  }

  /// Ends an accepted session that the platform failed, not its functions. What became of it can still be asked for, but its
  /// key is free, so that a retry runs anew.
  mutating func giveUp(_ id: String, _ message: String, _ now: Moment) -> [PlacementAction] {
    if let key = sessions[id]?.idempotencyKey, keys[key] == id { keys[key] = nil }
    sessions[id]?.idempotencyKey = nil
    return conclude(SessionResult(session: id, state: .failed, message: message), pod: nil, now)
  }

  /// Takes a session away for good, its key too, so that a retry runs anew.
  mutating func drop(_ id: String, _ failure: PlacementFailure, isForgotten: Bool = false) -> [PlacementAction] {
    guard let session = sessions.removeValue(forKey: id) else { return [] }
    release(id, session)
    if let key = session.idempotencyKey, keys[key] == id { keys[key] = nil }
    if isForgotten { bury(id) }
    return [.failed(session: id, failure)]
  }

  /// Gives back what an unended session holds.
  private mutating func release(_ id: String, _ session: PlacedSession) {
    payloadBytes -= session.request?.payload.count ?? 0
    switch session.phase {
    case .waiting: waiting.removeAll { $0 == id }
    case .placing(let pod), .running(let pod): pods[pod]?.active.remove(id)
    case .ended, .kept: break
    }
  }

  // MARK: - Retention

  mutating func forgetOldResults(_ now: Moment) {
    let retention = rules?.retention ?? .seconds(300)
    while let id = resultOrder.first, case .ended(let result, let at) = sessions[id]?.phase,
      at + retention <= now.monotonic
    {
      resultOrder.removeFirst()
      resultBytes -= result.size
      forget(id)
    }
  }

  /// What only a pod has is forgotten here as that pod forgets it, else it would count against the bound for ever.
  mutating func forgetOldKept(_ now: Moment) {
    let retention = rules?.retention ?? .seconds(300)
    while let id = keptOrder.first {
      if let session = sessions[id], case .kept = session.phase {
        guard (session.ended ?? session.arrived).monotonic + retention <= now.monotonic else { return }
        forget(id)
      }
      keptOrder.removeFirst()
    }
  }

  /// Makes room for a new session: of the ended ones the oldest goes before its retention is over. Those with an
  /// idempotency key stay, so that no retry runs twice. False when there is none to go.
  private mutating func forgetOldest() -> Bool {
    if let index = keptOrder.firstIndex(where: { id in
      if let session = sessions[id], case .kept = session.phase { session.idempotencyKey == nil } else { false }
    }) {
      forget(keptOrder.remove(at: index))
      return true
    }
    guard let index = resultOrder.firstIndex(where: { sessions[$0]?.idempotencyKey == nil }) else { return false }
    let id = resultOrder.remove(at: index)
    resultBytes -= sessions[id]?.result?.size ?? 0
    forget(id)
    return true
  }

  /// Keeps the cached outputs within their bound: the oldest are left to the pods that have them too.
  private mutating func shrinkResults() {
    while resultBytes > limits.resultBytes, resultOrder.count > 1, let id = resultOrder.first {
      resultOrder.removeFirst()
      guard let session = sessions[id], case .ended(let result, _) = session.phase else { continue }
      resultBytes -= result.size
      if let home = session.home, pods[home] != nil {
        sessions[id]?.phase = .kept(pod: home)
        keptOrder.append(id)
      } else {
        forget(id)
      }
    }
  }

  mutating func forget(_ id: String) {
    if let key = sessions.removeValue(forKey: id)?.idempotencyKey, keys[key] == id { keys[key] = nil }
    bury(id)
  }

  private mutating func bury(_ id: String) {
    guard tombstoneSet.insert(id).inserted else { return }
    tombstones.append(id)
    if tombstones.count > limits.tombstones { tombstoneSet.remove(tombstones.removeFirst()) }
  }

  func isOn(_ id: String, _ pod: String) -> Bool {
    switch sessions[id]?.phase {
    case .running(pod), .kept(pod): true
    case .ended: sessions[id]?.home == pod
    default: false
    }
  }

  func isKnownPod(_ pod: String) -> Bool { pods[pod] != nil }
}

extension SessionResult {
  var size: Int { outputs.reduce(message.utf8.count + 128) { $0 + $1.name.utf8.count + $1.bytes.count } }
}

extension SessionCounters {
  mutating func add(_ state: SessionResult.State) {
    switch state {
    case .succeeded: succeeded += 1
    case .failed: failed += 1
    case .stalled: stalled += 1
    case .timedOut: timedOut += 1
    case .cancelled: cancelled += 1
    }
  }
}
