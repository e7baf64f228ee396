import Dataflow
import ObjectStore
import Scheduling
import Triggers
import Wire

/// What the engine of a session decides, carried out.
extension PodCore {
  /// Tells a session's engine a fact, and does what it says. `parks`: what it queues waits until nobody lacks memory.
  mutating func tell(_ session: String, _ event: SessionEvent, now: Moment, parks: Bool = false) {
    guard var state = sessions.removeValue(forKey: session) else { return }
    let actions = state.engine.apply(event, now: now)
    state.recording?.record(event, at: now, actions: actions)
    sessions[session] = state
    for action in actions { follow(action, of: session, now: now, parks: parks) }
  }

  private mutating func follow(_ action: SessionAction, of session: String, now: Moment, parks: Bool) {
    switch action {
    case .enqueue(let attempt): enqueue(attempt, of: session, parks: parks)
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

  private mutating func enqueue(_ attempt: Attempt, of session: String, parks: Bool) {
    guard let plan = sessions[session]?.engine.compiled.plan else { return }
    let number = nextAttemptNumber()
    let function = plan.functions[attempt.function].name
    let queued = PodAttempt(session: session, attempt: attempt, function: function)
    attempts[number] = queued
    sessions[session]?.attempts[queued.name] = number
    if parks { parked.append(number) } else { scheduler.attemptQueued(number, function: function) }
  }

  private mutating func withdraw(_ name: PodSession.AttemptName, of session: String, now: Moment) {
    guard let number = sessions[session]?.attempts.removeValue(forKey: name), let attempt = attempts[number] else {
      return
    }
    guard let executor = attempt.executor, let state = executors[executor] else {
      drop(number)
      if let position = parked.firstIndex(of: number) {
        parked.remove(at: position)
      } else {
        scheduler.attemptWithdrawn(number)
      }
      return
    }
    attempts[number]?.isAbandoned = true
    act(.send(connection: state.connection, .cancel(invocation: number)))
    timers.set(.cancellationGrace(number), at: now.monotonic + Self.cancellationGrace)
  }

  /// The attempt is over: it goes, and its timers with it.
  @discardableResult
  mutating func drop(_ number: UInt64) -> PodAttempt? {
    guard let attempt = attempts.removeValue(forKey: number) else { return nil }
    timers.cancel(.attemptTimeout(number))
    timers.cancel(.cancellationGrace(number))
    let recovery = PodTimer.Purpose.recovery(
      session: attempt.session, invocation: attempt.name.invocation, attempt: attempt.name.attempt)
    if sessions[attempt.session]?.timers.remove(recovery) != nil { timers.cancel(recovery) }
    return attempt
  }
}
