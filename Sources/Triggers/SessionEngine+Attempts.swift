import Dataflow

/// Invocations and their attempts, until one of them has ended.
extension SessionEngine {
  /// Makes an invocation and queues its first attempt.
  mutating func invoke(_ function: Int, firing: String, inputs: [ObjectReference]) {
    guard outcome == nil else { return }
    // Held before anything can go wrong, so that what nobody else holds is released then.
    for input in inputs { holders[input.handle, default: 0] += 1 }
    guard invocationCount < compiled.plan.invocationLimit else {
      return end(
        .failed,
        "the session has made \(invocationCount) invocations, as many as it may; look for a loop that does not end, or "
          + "raise spec.sessionLimits.invocations")
    }
    let number = invocationCount
    invocationCount += 1
    let name = InvocationName(function: Int32(function), number: invocationsOfFunction[function])
    invocationsOfFunction[function] += 1
    if isSuperfluous(function) {
      log.record(.spared(name), at: now)
      for input in inputs { letGo(input.handle) }
      return
    }
    invocations[number] = Invocation(name: name, firing: firing, inputs: inputs)
    closing.becameLive(compiled.component(ofFunction: function))
    queueAttempt(of: number)
  }

  /// Queues one more attempt of a live invocation.
  mutating func queueAttempt(of number: Int) {
    changeInvocation(number) { $0.attemptCount += 1 }
    guard let attempt = invocations[number]?.attemptCount else { return }
    enqueue(attempt, of: number)
  }

  private mutating func enqueue(_ attempt: Int, of number: Int) {
    changeInvocation(number) { $0.attempts.append(.init(number: attempt)) }
    guard let invocation = invocations[number] else { return }
    actions.append(
      .enqueue(
        Attempt(
          invocation: number, attempt: attempt, function: Int(invocation.name.function), firing: invocation.firing,
          inputs: invocation.inputs)))
  }

  /// Changes a live invocation in its place: `invocations[number]?` would take memory for its accessors, on every event.
  mutating func changeInvocation(_ number: Int, _ body: (inout Invocation) -> Void) {
    if let index = invocations.index(forKey: number) { body(&invocations.values[index]) }
  }

  mutating func started(_ number: Int, _ attempt: Int, on executor: String) {
    guard let invocation = invocations[number],
      let index = invocation.attempts.firstIndex(where: { $0.number == attempt && !$0.isRunning })
    else { return }
    changeInvocation(number) { $0.attempts[index].isRunning = true }
    log.record(.started(invocation.name, attempt: attempt, executor: executor), at: now)
    let watch = compiled.recoveries[Int(invocation.name.function)]
    if let watch, invocation.recoveryCount < watch.limit {
      actions.append(.scheduleRecovery(invocation: number, attempt: attempt, after: watch.timeout))
    }
  }

  mutating func returned(_ number: Int, _ attempt: Int) {
    guard let index = invocations[number]?.attempts.firstIndex(where: { $0.number == attempt && $0.isRunning }) else {
      return
    }
    changeInvocation(number) { $0.attempts.remove(at: index) }
    enqueue(attempt, of: number)
  }

  mutating func retry(_ number: Int) {
    guard invocations[number]?.attempts.isEmpty == true else { return }
    queueAttempt(of: number)
  }

  /// A second attempt beside one that takes too long. Whichever commits first is the one that counts.
  mutating func recover(_ number: Int, _ attempt: Int) {
    guard let invocation = invocations[number], invocation.isRunning(attempt),
      let watch = compiled.recoveries[Int(invocation.name.function)], invocation.recoveryCount < watch.limit,
      // One that waits for an executor already gains nothing by company.
      invocation.attempts.allSatisfy(\.isRunning)
    else { return }
    changeInvocation(number) { $0.recoveryCount += 1 }
    log.record(.recovering(invocation.name, attempt: invocation.attemptCount + 1), at: now)
    queueAttempt(of: number)
  }

  /// The invocation has ended for good: its inputs go, and with it perhaps the last thing that could reach a bucket.
  mutating func retire(_ number: Int, _ invocation: Invocation) {
    invocations[number] = nil
    keyCount -= invocation.publishedIndices.values.reduce(0) { $0 + $1.count }
    for input in invocation.inputs { letGo(input.handle) }
    closing.ended(compiled.component(ofFunction: Int(invocation.name.function)))
  }

  mutating func withdrawAttempts(of number: Int, _ invocation: Invocation) {
    for attempt in invocation.attempts { actions.append(.withdraw(invocation: number, attempt: attempt.number)) }
  }
}
