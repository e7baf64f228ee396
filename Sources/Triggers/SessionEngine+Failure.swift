import Dataflow

/// Attempts that end badly.
extension SessionEngine {
  mutating func failed(_ number: Int, _ attempt: Int, message: String, isRetryable: Bool) {
    guard let invocation = invocations[Self.key(number)], invocation.isRunning(attempt) else { return }
    fail(number, attempt, message: message, isRetryable: isRetryable)
  }

  /// A running attempt has come to nothing. What cannot succeed ends the invocation; what can is made again, unless another
  /// attempt still runs beside it.
  mutating func fail(_ number: Int, _ attempt: Int, message: String, isRetryable: Bool) {
    guard var invocation = invocations[Self.key(number)] else { return }
    log.record(.attemptFailed(invocation.name, attempt: attempt, message: message), at: now)
    if let index = invocation.attempts.firstIndex(where: { $0.number == attempt }) {
      invocation.attempts.remove(at: index)
    }
    invocation.failureCount += 1
    invocations.insert(invocation, for: Self.key(number))
    let retry = compiled.plan.functions[Int(invocation.name.function)].retry
    if isRetryable, !invocation.attempts.isEmpty { return }
    guard isRetryable, invocation.failureCount <= retry.limit else {
      withdrawAttempts(of: number, invocation)
      retire(number, invocation)
      return lose(invocation, message: message)
    }
    let pause = Backoff.pause(retry.backoff, attempt: invocation.failureCount, firing: invocation.firing)
    log.record(.retrying(invocation.name, attempt: invocation.attemptCount + 1, after: pause), at: now)
    actions.append(.scheduleRetry(invocation: number, after: pause))
  }

  /// An invocation has failed for good. The session fails with it, unless all that it could lead to are redundant triggers
  /// that have fired or can do without it. What it has published stays, so that it is no loss to the triggers that this
  /// leads to.
  private mutating func lose(_ invocation: Invocation, message: String) {
    let name = invocation.name.text(in: compiled)
    let attempts = invocation.failureCount == 1 ? "its only attempt" : "the last of \(invocation.failureCount) attempts"
    let failure = "\(name) failed in \(attempts): \(message)"
    let ends = compiled.redundancy.soleEnds(of: Int(invocation.name.function))
    guard !ends.isEmpty else { return end(.failed, failure) }
    let reached = (invocation.published?.buckets ?? []).reduce(into: Set<Int>()) {
      $0.formUnion(compiled.redundancy.ends(ofBucket: $1))
    }
    for trigger in ends where triggers[trigger].firedCount == 0 {
      guard case .redundant(let state) = triggers[trigger].state else { continue }
      triggers[trigger].lastFailure = failure
      guard !reached.contains(trigger) else { continue }
      triggers[trigger].lostCount += 1
      let left = state.count - triggers[trigger].lostCount
      if left < state.take {
        return end(
          .failed,
          "\(compiled.triggers[trigger].name) takes \(state.take) of \(state.count), and at most \(left) can still come; "
            + failure)
      }
    }
    log.record(.doneWithout(invocation.name), at: now)
  }
}
