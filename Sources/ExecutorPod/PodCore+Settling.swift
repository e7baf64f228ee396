package import Dataflow
import ObjectStore
import Scheduling
import Triggers
import Wire

/// What every event is followed by: memory for those who wait, attempts for those who are idle, news for the coordinator.
extension PodCore {
  /// How long a cancelled handler may take to notice.
  package static let cancellationGrace = Duration.seconds(5)

  package mutating func settle(now: Moment) {
    repeat {
      if !memoryRequests.isEmpty { grantMemory() }
      if !parked.isEmpty { unpark() }
      dispatchAll(now: now)
      while !parked.isEmpty, scheduler.busyCount == 0 {
        unparkNext()
        dispatchAll(now: now)
      }
    } while !memoryRequests.isEmpty && relieveMemory(now: now)
    gather(now: now)
    reportLoad(now: now)
  }

  private mutating func dispatchAll(now: Moment) {
    while let (number, executor) = scheduler.next() {
      dispatch(AttemptTable.Key(rawValue: number), to: executor, now: now)
    }
  }

  /// How often what was gathered meanwhile is let go while the pod drains. No chain of batches and windows is as long; one
  /// that feeds itself goes on at its own pace.
  private static let drainRoundLimit = 100

  /// Watches over what is gathered. A pod that drains does not wait for company any more once nothing else is left.
  private mutating func gather(now: Moment) {
    if isDraining, activeSessions == 0, gathering.heldCount > 0, drainRounds < Self.drainRoundLimit {
      drainRounds += 1
      if drainRounds == Self.drainRoundLimit {
        note(
          "what is gathered feeds itself; it now waits for its batches and windows, and ends with the pod",
          isWarning: true)
      }
      begin(gathering.drain(now: now), now: now)
      dispatchAll(now: now)
    }
    let due = gathering.due
    guard due != gatheringDue else { return }
    gatheringDue = due
    if let due { timers.set(.gathering, at: due) } else { timers.cancel(.gathering) }
  }

  // MARK: - Dispatching

  private mutating func dispatch(_ number: AttemptTable.Key, to executor: UInt32, now: Moment) {
    guard let attempt = attempts[number],
      let (connection, continues) = executors.change(UInt64(executor), { ($0.connection, $0.continues) })
    else {
      return scheduler.executorBecameIdle(executor)
    }
    if let objection = objection(toSending: attempt) {
      return refuse(number, attempt, on: executor, objection, now: now)
    }
    let compiled = sessions[attempt.session]?.engine.compiled
    let mayContinue = continues && compiled === self.plan
    let run = PodExecutor.Run(number: number.rawValue, continuations: mayContinue ? continuations : nil)
    changeExecutor(executor) { $0.run = run }
    totals.queueTimes.observe(attempt.queueTime(now: now.monotonic))
    begin(number, attempt, on: executor, now: now)
    var inputs: [SidecarFrame.Input] = []
    inputs.reserveCapacity(attempt.attempt.inputs.count)
    for input in attempt.attempt.inputs {
      guard let object = ledger.object(input.handle) else { continue }
      inputs.append(
        SidecarFrame.Input(
          bucket: input.bucket.flatMap { compiled?.plan.buckets[$0].name } ?? "", key: input.key, group: input.group,
          location: object.location))
    }
    act(
      .send(
        connection: connection,
        .invoke(
          .init(
            invocation: number.rawValue, attempt: UInt32(attempt.attempt.attempt), function: attempt.function,
            session: sessions[attempt.session]?.name ?? "", firing: attempt.attempt.firing, inputs: inputs,
            timeout: timeout(of: attempt).map { UInt64(clamping: $0.wholeNanoseconds) },
            publishesImmediately: compiled?.plan.functions[attempt.attempt.function].publish == .immediately,
            continuations: run.continuations?.number ?? 0))))
  }

  /// The executor runs the attempt from now on, by the sidecar's word or by its own.
  mutating func begin(_ number: AttemptTable.Key, _ attempt: PodAttempt, on executor: UInt32, now: Moment) {
    guard let place = executors.change(UInt64(executor), { $0.place }) else { return }
    attempts.change(number) { $0.executor = executor }
    changeExecutor(executor) { $0.running = number }
    totals.invocations += 1
    // The executor reads its inputs until it reports, even when the session ends before that.
    for index in attempt.attempt.inputs.indices {
      let handle = attempt.attempt.inputs[index].handle
      ledger.retain(handle)
      if let action = ledger.attach(handle, to: executor) { perform([action]) }
    }
    ledger.attemptBegan(on: executor)
    let timeout = timeout(of: attempt)
    if let timeout { timers.set(.attemptTimeout(number), at: now.monotonic + timeout) }
    tell(
      attempt.session,
      .attemptStarted(
        invocation: attempt.name.invocation, attempt: attempt.name.attempt,
        executor: place), now: now)
    loadIsDue = true
  }

  /// Carries out what the ledger has decided. Segments that are created here are for executors.
  mutating func perform(_ list: [StoreAction]) {
    for action in list {
      switch action {
      case .create(let segment, let size): act(.createSegment(segment, size: size))
      case .destroy(let segment): act(.destroySegment(segment))
      case .attach(let executor, let segment, let size):
        guard let state = executors[executor] else { continue }
        act(.send(connection: state.connection, .attach(segment: segment, size: UInt64(size)), segment: segment))
      case .detach(let executor, let segment):
        guard let state = executors[executor] else { continue }
        act(.send(connection: state.connection, .detach(segment: segment)))
      }
    }
  }
}
