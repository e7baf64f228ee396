import Dataflow
import DequeModule
import ObjectStore
import Scheduling
import Triggers
import Wire

/// Sessions come from the coordinator, run through the engine, and are kept for a while after their end.
extension PodCore {
  package static let sessionLimit = 10_000
  /// Ended sessions that are kept at most, whatever their retention.
  package static let endedLimit = 10_000
  /// Bytes that the timelines of ended sessions take at most, or nearly.
  package static let endedLogLimit = 16 << 20

  mutating func start(_ request: CoordinatorFrame.SessionRequest, now: Moment) {
    if let known = sessions[request.session] {
      // The coordinator took it back when it ran elsewhere, and that pod is gone in its turn. It would wait in vain here.
      if known.engine.outcome?.state == .cancelled {
        return refuse(request, "the pod was told to give up an earlier attempt at the session")
      }
      // A coordinator that did not hear the answer asks again.
      return act(.tellCoordinator(.stored(session: request.session)))
    }
    guard let plan else { return refuse(request, "the pod has no plan of the workflow yet") }
    guard !isDraining else { return refuse(request, "the pod is draining") }
    guard activeSessions < Self.sessionLimit else { return refuse(request, "the pod runs \(activeSessions) sessions") }
    guard gatheredBytes <= ledger.limit / 4 else {
      return refuse(request, "objects that wait for a batch or a window use a quarter of the pod's object memory")
    }
    guard request.payload.count <= ledger.limit else {
      // Before anything is forgotten for its sake.
      return refuse(request, Self.neverFits(request.payload.count, limit: ledger.limit), isFinal: true)
    }
    guard let payload = store(request) else { return }

    let event: SessionEvent
    switch request.origin {
    case .invoke(let name):
      guard let function = plan.function(name) else {
        perform(ledger.release(payload))
        return refuse(request, "workflow \"\(plan.plan.workflow)\" has no function \"\(name)\"", isFinal: true)
      }
      event = .requested(function: function, payload: payload)
    case .put(let name, let key, let group):
      guard let bucket = plan.bucket(name) else {
        perform(ledger.release(payload))
        return refuse(request, "workflow \"\(plan.plan.workflow)\" has no bucket \"\(name)\"", isFinal: true)
      }
      event = .enteredBucket(bucket: bucket, key: key, group: group, payload: payload)
    }
    let asked = request.timeout.map { Duration.nanoseconds(Int64(clamping: $0)) } ?? plan.plan.sessionTimeout
    let timeout = min(asked, plan.plan.sessionTimeout)
    let session = sessions.insert(
      PodSession(
        engine: SessionEngine(session: request.session, plan: plan, now: now), idempotencyKey: request.idempotencyKey,
        requestHash: request.requestHash, startedAt: now, timeout: timeout))
    if request.isRecorded { startRecording(session) }
    act(.tellCoordinator(.stored(session: request.session)))
    schedule(.sessionTimeout(session), of: session, at: now.monotonic + timeout)
    tell(session, event, now: now)
    loadIsDue = true
    settle(now: now)
  }

  /// Enters the payload as an object; nil when it was refused.
  private mutating func store(_ request: CoordinatorFrame.SessionRequest) -> UInt64? {
    var (reservation, actions) = reserve(request)
    // Thousands of ended sessions may have to go: a loop, since a stack has no room for so many calls.
    while case .wait = reservation, giveUpOldestOutputs() { (reservation, actions) = reserve(request) }
    for action in actions {
      if case .create(let segment, let size) = action {
        act(.createOwnSegment(segment, size: size))
      } else {
        perform([action])
      }
    }
    switch reservation {
    case .reserved(let object, let segment, let offset):
      if !request.payload.isEmpty { act(.write(request.payload, segment: segment, offset: offset)) }
      return object
    case .neverFits(let limit):
      refuse(request, Self.neverFits(request.payload.count, limit: limit), isFinal: true)
    case .wait:
      refuse(request, "the pod's object memory is full")
    }
    return nil
  }

  private mutating func reserve(
    _ request: CoordinatorFrame.SessionRequest
  ) -> (reservation: Reservation, actions: [StoreAction]) {
    guard ledger.acceptsSessions else { return (.wait, []) }
    // Beside others a large payload must leave them some room: else none of them could put anything. In an empty pod it has
    // all that it can ever have.
    let isEmpty = activeSessions == 0 && gathering.heldCount == 0
    guard isEmpty || ledger.leavesRoom(request.payload.count) else { return (.wait, []) }
    var bucket = ""
    if case .put(let name, _, _) = request.origin { bucket = name }
    return ledger.reserve(bytes: request.payload.count, bucket: bucket)
  }

  private mutating func refuse(
    _ request: CoordinatorFrame.SessionRequest, _ reason: String, isFinal: Bool = false
  ) {
    act(.tellCoordinator(.refused(session: request.session, reason: reason, isFinal: isFinal)))
  }

  mutating func cancel(_ session: String, now: Moment) {
    if let key = sessions.key(session) { tell(key, .cancelled, now: now) }
    settle(now: now)
  }

  mutating func finish(_ session: SessionTable.Key, _ outcome: SessionOutcome, now: Moment) {
    let ending = sessions.change(session) { state -> Ending in
      state.endedAt = now
      defer { state.timers = [] }
      return Ending(
        plan: state.engine.compiled, hasOutputs: !state.engine.outputs.isEmpty, logBytes: state.engine.keptByteCount,
        timers: state.timers, origin: state.origin)
    }
    guard let ending else { return }
    ended.append(session)
    if ending.hasOutputs { holdingOutputs.append(session) }
    holdingLogs.append(session)
    endedLogBytes += ending.logBytes
    shedLogs()
    timers.cancel(.sessionTimeout(session))
    for timer in ending.timers { timers.cancel(timer) }
    if outcome.state == .succeeded { totals.succeeded += 1 } else { totals.failed += 1 }
    countFirings(of: session)
    timers.set(.retention(session), at: now.monotonic + ending.plan.plan.retention)
    if let origin = ending.origin {
      // Nobody waits for its result; what it could not deal with is told of.
      if outcome.state != .succeeded { countDeadLetters(of: sessions[session]?.name ?? "", from: origin, outcome) }
    } else {
      sessions.change(session) { $0.delivery = isConnected ? .sent : .none }
      deliver(session, request: nil)
    }
    while ended.count > Self.endedLimit, let oldest = ended.first(where: { isDelivered($0) }) ?? ended.first {
      forget(oldest)
    }
    loadIsDue = true
  }

  /// What is needed of a session to end it. To copy all of it would cost more than the rest.
  private struct Ending {
    var plan: CompiledPlan
    var hasOutputs: Bool
    var logBytes: Int
    var timers: Set<PodTimer.Purpose>
    var origin: PodSession.Origin?
  }

  private mutating func countFirings(of session: SessionTable.Key) {
    var fired: [String: [String: UInt64]] = [:]
    var firings: [UInt64] = []
    swap(&fired, &totals.fired)
    swap(&firings, &totals.firings)
    sessions.change(session) { session in
      session.engine.forEachFired { bucket, trigger, primitive, count in
        firings[primitive.ordinal] += UInt64(count)
        fired[bucket, default: [:]][trigger, default: 0] += UInt64(count)
      }
    }
    swap(&fired, &totals.fired)
    swap(&firings, &totals.firings)
  }

  mutating func collect(_ session: String, request: UInt64) {
    guard let key = sessions.key(session) else {
      return act(.tellCoordinator(.outputs(request: request, result: nil)))
    }
    deliver(key, request: request)
  }

  /// Sends a session's result; `request` answers a `collect`.
  mutating func deliver(_ session: SessionTable.Key, request: UInt64?) {
    let action = sessions.change(session) { state -> PodAction? in
      guard let outcome = state.engine.outcome, !state.hasGivenUpOutputs else { return nil }
      let outputs = state.engine.outputs.compactMap { output in
        ledger.object(output.handle).map { OutputLocation(name: output.name, location: $0.location) }
      }
      return .deliver(
        session: state.name, state: SessionResult.State(outcome.state), message: outcome.message, outputs: outputs,
        request: request)
    }
    if let action = action ?? nil {
      act(action)
    } else if let request {
      act(.tellCoordinator(.outputs(request: request, result: nil)))
    }
  }

  /// Drops what is still kept of an ended session, outputs included.
  mutating func forget(_ session: SessionTable.Key) {
    guard sessions.change(session, { $0.endedAt != nil }) == true, let state = sessions.remove(session) else { return }
    timers.cancel(.retention(session))
    if state.recording != nil { recorded.removeAll { $0 == session } }
    // Nearly always the oldest.
    if ended.first == session { ended.removeFirst() } else { ended.removeAll { $0 == session } }
    if !state.hasGivenUpOutputs { releaseOutputs(state.engine.outputs, session) }
    endedLogBytes -= state.engine.keptByteCount
    while let oldest = holdingLogs.first, sessions[oldest] == nil { holdingLogs.removeFirst() }
  }

  /// The timelines of the sessions that ended first make room for those of later ones.
  private mutating func shedLogs() {
    while endedLogBytes > Self.endedLogLimit, let session = holdingLogs.popFirst() {
      guard let before = sessions[session]?.engine.keptByteCount else { continue }
      sessions.change(session) { $0.engine.shedLog() }
      endedLogBytes -= before - (sessions[session]?.engine.keptByteCount ?? 0)
    }
  }

  private mutating func releaseOutputs(_ outputs: [Commit.Output], _ session: SessionTable.Key) {
    for output in outputs { perform(ledger.release(output.handle)) }
    if holdingOutputs.first == session {
      holdingOutputs.removeFirst()
    } else {
      holdingOutputs.removeAll { $0 == session }
    }
  }

  func isDelivered(_ session: SessionTable.Key) -> Bool {
    sessions[session]?.delivery == .received || sessions[session]?.origin != nil
  }

  /// Under pressure, outputs that were delivered make room. What else is known of their session stays, so that nobody who
  /// asks for it again makes it run again. False when there are none.
  mutating func giveUpOldestOutputs() -> Bool {
    guard let session = holdingOutputs.first(where: { isDelivered($0) }) else { return false }
    let outputs = sessions.change(session) { state in
      state.hasGivenUpOutputs = true
      return state.engine.outputs
    }
    releaseOutputs(outputs ?? [], session)
    return true
  }
}

extension SessionResult.State {
  init(_ state: SessionOutcome.State) {
    self =
      switch state {
      case .succeeded: .succeeded
      case .failed: .failed
      case .stalled: .stalled
      case .timedOut: .timedOut
      case .cancelled: .cancelled
      }
  }
}
