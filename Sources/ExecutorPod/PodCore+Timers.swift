package import Dataflow
import Triggers

/// What is done when its time has come.
extension PodCore {
  /// When `timersDue` is to be called next, on the monotonic clock.
  package var nextDeadline: Duration? { timers.next }

  package mutating func timersDue(now: Moment) {
    while let purpose = timers.popDue(at: now.monotonic) {
      switch purpose {
      case .sessionTimeout(let session):
        guard let limit = sessions[session]?.timeout else { continue }
        tell(session, .timedOut(after: limit), now: now)
      case .retry(let session, let invocation):
        sessions.change(session) { $0.timers.remove(purpose) }
        tell(session, .retryDue(invocation: invocation), now: now)
      case .recovery(let session, let invocation, let attempt):
        sessions.change(session) { $0.timers.remove(purpose) }
        tell(session, .recoveryDue(invocation: invocation, attempt: attempt), now: now)
      case .attemptTimeout(let number):
        guard let attempt = attempts[number], let executor = attempt.executor else { continue }
        let limit = DurationText.format(timeout(of: attempt) ?? .zero)
        end(executor, message: "\(attempt.function) took longer than its timeout of \(limit)", now: now)
      case .cancellationGrace(let number):
        guard let executor = attempts[number]?.executor else { continue }
        end(executor, message: "it did not end within 5s of being cancelled", now: now)
      case .retention(let session): forget(session)
      case .gathering:
        gatheringDue = nil
        begin(gathering.timeCame(now: now), now: now)
      case .endings: stopWaitingForEndings(now: now)
      case .load: loadRests = false
      }
    }
    settle(now: now)
  }

  /// A timer that goes when the session ends.
  mutating func schedule(_ purpose: PodTimer.Purpose, of session: SessionTable.Key, at deadline: Duration) {
    timers.set(purpose, at: deadline)
    if case .sessionTimeout = purpose { return }
    sessions.change(session) { $0.timers.insert(purpose) }
  }

  func timeout(of attempt: PodAttempt) -> Duration? {
    sessions[attempt.session]?.engine.compiled.plan.functions[attempt.attempt.function].timeout
  }
}
