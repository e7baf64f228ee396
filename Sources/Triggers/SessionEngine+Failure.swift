package import Dataflow

/// Transitions of an invocation whose attempt ended badly.
extension SessionEngine {
  /// The handler threw, took too long, or its executor died.
  package mutating func attemptFailed(
    invocation number: Int, attempt: Int, message: String, isRetryable: Bool, now: Moment
  ) -> [SessionAction] {
    guard outcome == nil, let state = invocations[number], state.attempt == attempt, state.phase == .running else {
      return []
    }
    return event(at: now) { $0.fail(number, state, message: message, isRetryable: isRetryable) }
  }

  /// The attempt was given back before its handler began, or it was abandoned to make room: it is queued again
  /// and does not count as an attempt.
  package mutating func attemptReturned(invocation number: Int, attempt: Int, now: Moment) -> [SessionAction] {
    guard outcome == nil, var state = invocations[number], state.attempt == attempt, state.phase == .running else {
      return []
    }
    return event(at: now) { engine in
      state.phase = .queued
      engine.invocations[number] = state
      engine.actions.append(.enqueue(engine.attempt(of: number, state)))
    }
  }

  mutating func fail(_ number: Int, _ state: Invocation, message: String, isRetryable: Bool) {
    log.record(.attemptFailed(state.name, attempt: state.attempt, message: message), at: now)
    let retry = compiled.plan.functions[state.function].retry
    guard isRetryable, state.attempt <= retry.limit else {
      let attempts = state.attempt == 1 ? "its only attempt" : "the last of \(state.attempt) attempts"
      retire(number, state)
      return end(.failed, "\(state.name) failed in \(attempts): \(message)")
    }
    var next = state
    next.attempt += 1
    next.phase = .backingOff
    invocations[number] = next
    let pause = Backoff.pause(retry.backoff, attempt: state.attempt, firing: state.firing)
    log.record(.retrying(state.name, attempt: next.attempt, after: pause), at: now)
    actions.append(.scheduleRetry(invocation: number, after: pause))
  }
}

/// How long an invocation waits between attempts: `base × 2^(attempt − 1)`, at most a minute, less up to a quarter. What is
/// taken off is drawn from the firing id, so that many failures at once do not come back at once and a replay sees the same.
///
/// | base | after attempt 1 | 2 | 3 | 4 | 10 |
/// |---|---|---|---|---|---|
/// | 200ms | 150–200ms | 300–400ms | 600–800ms | 1.2–1.6s | 45–60s |
enum Backoff {
  static let longest = Duration.seconds(60)

  static func pause(_ base: Duration, attempt: Int, firing: String) -> Duration {
    let doubled = base * (1 << min(attempt - 1, 20))
    let pause = min(doubled, longest)
    let digits = StableHash.of(firing, String(attempt)).prefix(4)
    let fraction = Double(UInt16(digits, radix: 16) ?? 0) / Double(UInt16.max)
    return pause * (1 - fraction / 4)
  }
}
