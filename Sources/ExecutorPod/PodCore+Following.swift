import Dataflow
import ObjectStore
import Scheduling
import Triggers
import Wire

/// What the engine of a session decides, carried out.
extension PodCore {
  /// Tells a session's engine a fact, and does what it says. `parks`: what it queues waits until nobody lacks memory,
  /// since the attempt before gave way.
  mutating func tell(
    _ session: SessionTable.Key, _ event: SessionEvent, now: Moment, parks: PodAttempt.Yield? = nil
  ) {
    // Taken, since what follows may tell another engine something.
    var list: [SessionAction] = []
    swap(&list, &engineActions)
    sessions.change(session) { session in
      session.engine.apply(event, now: now, to: &list)
      session.recording?.record(event, at: now, actions: list)
    }
    for index in list.indices { follow(list[index], of: session, now: now, parks: parks) }
    list.removeAll(keepingCapacity: true)
    swap(&list, &engineActions)
  }

  private mutating func follow(
    _ action: SessionAction, of session: SessionTable.Key, now: Moment, parks: PodAttempt.Yield?
  ) {
    switch action {
    case .enqueue(let attempt): enqueue(attempt, of: session, parks: parks, now: now)
    case .withdraw(let invocation, let attempt):
      withdraw(.init(invocation: invocation, attempt: attempt), of: session, now: now)
    case .scheduleRetry(let invocation, let pause):
      schedule(.retry(session: session, invocation: invocation), of: session, at: now.monotonic + pause)
    case .scheduleRecovery(let invocation, let attempt, let pause):
      schedule(
        .recovery(session: session, invocation: invocation, attempt: attempt), of: session, at: now.monotonic + pause)
    case .handOver(let trigger, let object): handOver(object, of: session, to: trigger, now: now)
    case .release(let handle): perform(ledger.release(handle))
    case .end(let outcome): finish(session, outcome, now: now)
    }
  }

  private mutating func enqueue(_ attempt: Attempt, of session: SessionTable.Key, parks: PodAttempt.Yield?, now: Moment)
  {
    guard let compiled = sessions[session]?.engine.compiled else { return }
    let function = compiled.plan.functions[attempt.function].name
    let queued = PodAttempt(
      session: session, order: nextAttemptOrder(), queuedAt: now.monotonic, attempt: attempt, function: function,
      parkedFor: parks)
    let name = queued.name
    let number = attempts.insert(queued)
    sessions.change(session) { $0.attempts[name] = number }
    if isBegun(attempt, number, of: session) { return }
    if parks != nil { parked.append(number) } else { queue(number, function, of: session) }
  }

  /// The attempt waits for an executor, and its session's next one behind it.
  mutating func queue(_ number: AttemptTable.Key, _ function: String, of session: SessionTable.Key) {
    let turn = scheduler.attemptQueued(number.rawValue, function: function, after: sessions[session]?.turn ?? 0)
    sessions.change(session) { $0.turn = turn }
  }

  private mutating func withdraw(_ name: PodSession.AttemptName, of session: SessionTable.Key, now: Moment) {
    guard let number = sessions.change(session, { $0.attempts.removeValue(forKey: name) }) ?? nil,
      let attempt = attempts[number]
    else { return }
    guard let executor = attempt.executor, let state = executors[executor] else {
      drop(number)
      if let position = parked.firstIndex(of: number) {
        parked.remove(at: position)
      } else {
        scheduler.attemptWithdrawn(number.rawValue)
      }
      return
    }
    attempts.change(number) { $0.isAbandoned = true }
    act(.send(connection: state.connection, .cancel(invocation: state.run.number)))
    timers.set(.cancellationGrace(number), at: now.monotonic + Self.cancellationGrace)
  }

  /// The attempt is over: it goes, and its timers with it.
  @discardableResult
  mutating func drop(_ number: AttemptTable.Key) -> PodAttempt? {
    guard let attempt = attempts.remove(number) else { return nil }
    if attempt.isAbandoned { timers.cancel(.cancellationGrace(number)) }
    guard let plan = sessions[attempt.session]?.engine.compiled else { return attempt }
    if plan.plan.functions[attempt.attempt.function].timeout != nil { timers.cancel(.attemptTimeout(number)) }
    guard plan.isWatched(function: attempt.attempt.function) else { return attempt }
    let recovery = PodTimer.Purpose.recovery(
      session: attempt.session, invocation: attempt.name.invocation, attempt: attempt.name.attempt)
    if sessions.change(attempt.session, { $0.timers.remove(recovery) }) ?? nil != nil { timers.cancel(recovery) }
    return attempt
  }
}
