import Dataflow

/// Invocations and their attempts, until one of them has ended.
extension SessionEngine {
  /// Makes an invocation and queues its first attempt.
  mutating func invoke(_ function: Int, firing: Label, inputs: [ObjectReference]) {
    guard outcome == nil else { return }
    // Held before anything can go wrong, so that what nobody else holds is released then.
    for index in inputs.indices { hold(inputs[index].handle) }
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
    closing.becameLive(compiled.component(ofFunction: function))
    var invocation = Invocation(name: name, firing: firing, inputs: inputs, attemptCount: 1)
    enqueue(1, of: number, &invocation)
    invocations.insert(invocation, for: Self.key(number))
  }

  /// Queues one more attempt of a live invocation.
  private mutating func queueAttempt(of number: Int) {
    guard var invocation = invocations.removeValue(for: Self.key(number)) else { return }
    invocation.attemptCount += 1
    enqueue(invocation.attemptCount, of: number, &invocation)
    invocations.insert(invocation, for: Self.key(number))
  }

  private mutating func enqueue(_ attempt: Int, of number: Int, _ invocation: inout Invocation) {
    invocation.attempts.append(.init(number: attempt))
    actions.append(
      .enqueue(
        Attempt(
          invocation: number, attempt: attempt, function: Int(invocation.name.function), firing: invocation.firing,
          inputs: invocation.inputs)))
  }

  mutating func started(_ number: Int, _ attempt: Int, on executor: String) {
    let started = invocations.change(Self.key(number)) { invocation -> (name: InvocationName, recoveries: Int)? in
      for index in invocation.attempts.indices {
        let live = invocation.attempts[index]
        guard live.number == attempt, !live.isRunning else { continue }
        invocation.attempts[index].isRunning = true
        return (invocation.name, invocation.recoveryCount)
      }
      return nil
    }
    guard let (name, recoveries) = started ?? nil else { return }
    log.record(.started(name, attempt: attempt, executor: executor), at: now)
    if let watch = compiled.recoveries[Int(name.function)], recoveries < watch.limit {
      actions.append(.scheduleRecovery(invocation: number, attempt: attempt, after: watch.timeout))
    }
  }

  mutating func returned(_ number: Int, _ attempt: Int) {
    guard var invocation = invocations.removeValue(for: Self.key(number)) else { return }
    if let index = invocation.attempts.firstIndex(where: { $0.number == attempt && $0.isRunning }) {
      invocation.attempts.remove(at: index)
      enqueue(attempt, of: number, &invocation)
    }
    invocations.insert(invocation, for: Self.key(number))
  }

  mutating func retry(_ number: Int) {
    guard invocations.change(Self.key(number), { $0.attempts.isEmpty }) == true else { return }
    queueAttempt(of: number)
  }

  /// A second attempt beside one that takes too long. Whichever commits first is the one that counts.
  mutating func recover(_ number: Int, _ attempt: Int) {
    guard let invocation = invocations[Self.key(number)], invocation.isRunning(attempt),
      let watch = compiled.recoveries[Int(invocation.name.function)], invocation.recoveryCount < watch.limit,
      // One that waits for an executor already gains nothing by company.
      invocation.attempts.allSatisfy(\.isRunning)
    else { return }
    invocations.change(Self.key(number)) { $0.recoveryCount += 1 }
    log.record(.recovering(invocation.name, attempt: invocation.attemptCount + 1), at: now)
    queueAttempt(of: number)
  }

  /// The invocation has ended for good: its inputs go, and with it perhaps the last thing that could reach a bucket.
  mutating func retire(_ number: Int, _ invocation: Invocation) {
    invocations.removeValue(for: Self.key(number))
    if let published = invocation.published { keyCount -= published.indices.values.reduce(0) { $0 + $1.count } }
    for index in invocation.inputs.indices { letGo(invocation.inputs[index].handle) }
    closing.ended(compiled.component(ofFunction: Int(invocation.name.function)))
  }

  mutating func withdrawAttempts(of number: Int, _ invocation: Invocation) {
    for attempt in invocation.attempts { actions.append(.withdraw(invocation: number, attempt: attempt.number)) }
  }
}
