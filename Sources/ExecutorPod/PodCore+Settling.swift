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
    if !memoryRequests.isEmpty { grantMemory() }
    if !parked.isEmpty { unpark() }
    dispatchAll(now: now)
    if !memoryRequests.isEmpty { relieveMemory() }
    gather(now: now)
    reportLoad(now: now)
  }

  private mutating func dispatchAll(now: Moment) {
    while let (number, executor) = scheduler.next() {
      dispatch(AttemptTable.Key(rawValue: number), to: executor, now: now)
    }
  }

  /// Watches over what is gathered. A pod that drains does not wait for company any more once nothing else is left.
  private mutating func gather(now: Moment) {
    if isDraining, activeSessions == 0, gathering.heldCount > 0 {
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

  // MARK: - Memory

  private mutating func unpark() {
    guard memoryRequests.isEmpty else { return }
    for number in parked {
      if let attempt = attempts[number] { queue(number, attempt.function, of: attempt.session) }
    }
    parked = []
  }

  /// Who comes first where memory is short: whose session began first, at whichever of its steps it is. By the numbers of
  /// attempts, late steps of old sessions would be the youngest. Nobody needs what runs for a session that is forgotten.
  private func seniority(of executor: PodExecutor) -> (start: Duration, attempt: UInt64, connection: UInt64) {
    let attempt = executor.running.flatMap { attempts[$0] }
    let start = attempt.flatMap { sessions[$0.session]?.startedAt.monotonic }
    return (start ?? .seconds(Int64.max), attempt?.order ?? 0, executor.connection)
  }

  private mutating func grantMemory() {
    let waiting = memoryRequests.compactMap { executor, request in executors[executor].map { (executor, $0, request) } }
      .sorted { seniority(of: $0.1) < seniority(of: $1.1) }
    for (executor, state, request) in waiting {
      let (bytes, invocation) = (request.bytes, request.invocation)
      var (decision, actions) = ledger.needSegment(executor: executor, bytes: bytes, fillsGaps: state.fillsGaps)
      // Thousands of ended sessions may have to go: a loop, since a stack has no room for so many calls.
      while case .wait = decision, giveUpOldestOutputs() {
        (decision, actions) = ledger.needSegment(
          executor: executor, bytes: bytes, fillsGaps: state.fillsGaps)
      }
      switch decision {
      case .grant(let segment, let size):
        perform(actions)
        act(
          .send(
            connection: state.connection, .grant(segment: segment, size: UInt64(size), invocation: invocation),
            segment: segment))
      case .recycle(let segment, let free):
        perform(actions)
        let ranges = free.map { UInt64($0.lowerBound)..<UInt64($0.upperBound) }
        act(
          .send(
            connection: state.connection, .recycle(segment: segment, invocation: invocation, free: ranges)))
      case .neverFits(let limit):
        let reason = Self.neverFits(bytes, limit: limit)
        act(.send(connection: state.connection, .denied(reason: reason, invocation: invocation)))
      case .wait:
        continue
      }
      memoryRequests[executor] = nil
    }
  }

  /// When everyone who runs waits for memory, nobody will free any: the youngest attempt gives way.
  private mutating func relieveMemory() {
    let running = executors.elements.filter { $0.value.running != nil }
    guard !running.isEmpty, running.allSatisfy({ memoryRequests[UInt32($0.number)] != nil }),
      let (key, state) = running.max(by: { seniority(of: $0.value) < seniority(of: $1.value) }),
      let number = state.running
    else { return }
    let executor = UInt32(key)
    let isAlone = running.count == 1
    // Results that are on their way make room once they have arrived.
    if isAlone, coordinatorFeatures.contains(.receipts), holdingOutputs.contains(where: { !isDelivered($0) }) { return }
    let invocation = memoryRequests.removeValue(forKey: executor)?.invocation ?? 0
    attempts.change(number) { $0.gaveWay = !isAlone }
    let memory = Quantity.format(identity.sharedMemory)
    act(
      .send(
        connection: state.connection,
        .denied(
          reason: isAlone
            ? "the pod's object memory is full and nothing that could free some is running; raise spec.sharedMemory (now \(memory))"
            : "the pod's object memory is full; this attempt gives way to older sessions",
          invocation: invocation)))
  }

  static func neverFits(_ bytes: Int, limit: Int) -> String {
    "an object of \(Quantity.format(bytes)) can never fit into the pod's object memory of \(Quantity.format(limit)); "
      + "raise spec.sharedMemory or make the object smaller"
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
