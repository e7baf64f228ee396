import Dataflow
import ObjectStore
import Scheduling
import Triggers
import Wire

/// Sessions come from the coordinator, run through the engine, and are kept for a while after their end.
extension PodCore {
  package static let sessionLimit = 10_000
  /// Ended sessions that are kept at most, whatever their retention.
  package static let endedLimit = 10_000

  mutating func start(_ request: CoordinatorFrame.SessionRequest, now: Moment) {
    if sessions[request.session] != nil {
      // A coordinator that did not hear the answer asks again.
      return act(.tellCoordinator(.stored(session: request.session)))
    }
    guard let plan else { return refuse(request, "the pod has no plan of the workflow yet") }
    guard !isDraining else { return refuse(request, "the pod is draining") }
    guard activeSessions < Self.sessionLimit else { return refuse(request, "the pod runs \(activeSessions) sessions") }
    guard request.payload.count <= ledger.limit else {
      // Before anything is forgotten for its sake.
      return refuse(request, Self.neverFits(request.payload.count, limit: ledger.limit), isFinal: true)
    }
    guard let payload = store(request) else { return }

    var engine = SessionEngine(session: request.session, plan: plan, now: now)
    let actions: [SessionAction]
    switch request.origin {
    case .invoke(let name):
      guard let function = plan.function(name) else {
        perform(ledger.release(payload))
        return refuse(request, "workflow \"\(plan.plan.workflow)\" has no function \"\(name)\"", isFinal: true)
      }
      actions = engine.begin(function: function, payload: payload, now: now)
    case .put(let name, let key, let group):
      guard let bucket = plan.bucket(name) else {
        perform(ledger.release(payload))
        return refuse(request, "workflow \"\(plan.plan.workflow)\" has no bucket \"\(name)\"", isFinal: true)
      }
      actions = engine.begin(bucket: bucket, key: key, group: group, payload: payload, now: now)
    }
    sessions[request.session] = PodSession(
      engine: engine, idempotencyKey: request.idempotencyKey, requestHash: request.requestHash, startedAt: now)
    act(.tellCoordinator(.stored(session: request.session)))
    let asked = request.timeout.map { Duration.nanoseconds(Int64(clamping: $0)) } ?? plan.plan.sessionTimeout
    schedule(.sessionTimeout(request.session), at: now.monotonic + min(asked, plan.plan.sessionTimeout))
    follow(actions, of: request.session, now: now)
    loadIsDue = true
    settle(now: now)
  }

  /// Enters the payload as an object; nil when it was refused.
  private mutating func store(_ request: CoordinatorFrame.SessionRequest) -> UInt64? {
    var (reservation, actions) = reserve(request)
    // Thousands of ended sessions may have to go: a loop, since a stack has no room for so many calls.
    while case .wait = reservation, forgetOldestEnded() { (reservation, actions) = reserve(request) }
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
    var bucket = ""
    if case .put(let name, _, _) = request.origin { bucket = name }
    return ledger.reserve(bytes: request.payload.count, bucket: bucket, session: request.session)
  }

  private mutating func refuse(
    _ request: CoordinatorFrame.SessionRequest, _ reason: String, isFinal: Bool = false
  ) {
    act(.tellCoordinator(.refused(session: request.session, reason: reason, isFinal: isFinal)))
  }

  mutating func cancel(_ session: String, now: Moment) {
    withEngine(of: session) { $0.cancel(now: now) }
    settle(now: now)
  }

  /// Lets a session's engine decide, and does what it says. `parks`: what it queues waits until nobody lacks memory.
  mutating func withEngine(
    of session: String, parks: Bool = false, _ body: (inout SessionEngine) -> [SessionAction]
  ) {
    guard var state = sessions.removeValue(forKey: session) else { return }
    let actions = body(&state.engine)
    sessions[session] = state
    follow(actions, of: session, now: state.engine.latest, parks: parks)
  }

  private mutating func follow(_ list: [SessionAction], of session: String, now: Moment, parks: Bool = false) {
    for action in list {
      switch action {
      case .enqueue(let attempt): enqueue(attempt, of: session, parks: parks)
      case .abandon(let invocation): abandon(invocation, of: session, now: now)
      case .scheduleRetry(let invocation, let pause):
        schedule(.retry(session: session, invocation: invocation), at: now.monotonic + pause)
      case .release(let handle): perform(ledger.release(handle))
      case .end(let outcome): finish(session, outcome, now: now)
      }
    }
  }

  private mutating func enqueue(_ attempt: Attempt, of session: String, parks: Bool) {
    guard let plan = sessions[session]?.engine.compiled.plan else { return }
    let number = nextAttemptNumber()
    let function = plan.functions[attempt.function].name
    attempts[number] = PodAttempt(session: session, attempt: attempt, function: function)
    sessions[session]?.attempts[attempt.invocation] = number
    if parks { parked.append(number) } else { scheduler.attemptQueued(number, function: function) }
  }

  private mutating func abandon(_ invocation: Int, of session: String, now: Moment) {
    guard let number = sessions[session]?.attempts.removeValue(forKey: invocation), let attempt = attempts[number]
    else {
      return
    }
    guard let executor = attempt.executor, let state = executors[executor] else {
      attempts[number] = nil
      if let position = parked.firstIndex(of: number) {
        parked.remove(at: position)
      } else {
        scheduler.attemptWithdrawn(number)
      }
      return
    }
    attempts[number]?.isAbandoned = true
    act(.send(connection: state.connection, .cancel(invocation: number)))
    schedule(.cancellationGrace(number), at: now.monotonic + Self.cancellationGrace)
  }

  private mutating func finish(_ session: String, _ outcome: SessionOutcome, now: Moment) {
    guard let engine = sessions[session]?.engine else { return }
    sessions[session]?.endedAt = now
    ended.append(session)
    if outcome.state == .succeeded { totals.succeeded += 1 } else { totals.failed += 1 }
    for count in engine.triggerCounts {
      let bucket = engine.compiled.plan.buckets[count.bucket].name
      totals.fired[bucket, default: [:]][count.trigger, default: 0] += UInt64(count.fired)
    }
    schedule(.retention(session), at: now.monotonic + engine.compiled.plan.retention)
    sessions[session]?.isDelivered = isConnected
    deliver(session, request: nil)
    while ended.count > Self.endedLimit { _ = forgetOldestEnded() }
    loadIsDue = true
  }

  /// Sends a session's result; `request` answers a `collect`.
  mutating func deliver(_ session: String, request: UInt64?) {
    guard let engine = sessions[session]?.engine, let outcome = engine.outcome else {
      if let request { act(.tellCoordinator(.outputs(request: request, result: nil))) }
      return
    }
    let outputs = engine.outputs.compactMap { output in
      ledger.object(output.handle).map { OutputLocation(name: output.name, location: $0.location) }
    }
    act(
      .deliver(
        session: session, state: SessionResult.State(outcome.state), message: outcome.message, outputs: outputs,
        request: request))
  }

  /// Drops what is still kept of an ended session, outputs included.
  mutating func forget(_ session: String) {
    guard let state = sessions[session], state.endedAt != nil else { return }
    sessions[session] = nil
    ended.removeAll { $0 == session }
    for output in state.engine.outputs { perform(ledger.release(output.handle)) }
  }

  /// Under pressure, results that were delivered make room. False when there are none.
  mutating func forgetOldestEnded() -> Bool {
    guard let oldest = ended.first else { return false }
    forget(oldest)
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
