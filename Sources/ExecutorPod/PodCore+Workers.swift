package import Dataflow
import ObjectStore
import Scheduling
import Triggers
package import Wire

/// The processes of the SDK: they come, ask for memory, run attempts and go.
extension PodCore {
  package static let executorLimit = 1024
  /// Functions that one process may offer, and the bytes of each name that it tells.
  static let (offerLimit, nameLimit) = (256, 253)

  package mutating func workerFrame(_ frame: WorkerFrame, from connection: UInt64, now: Moment) {
    switch frame {
    case .hello(let hello): greet(hello, connection)
    case .needSegment(let bytes, let invocation): needSegment(bytes, invocation, connection)
    case .segmentMapped(let segment): segmentMapped(segment, connection)
    case .finished(let finished): attemptFinished(finished, connection, now: now)
    case .published(let published): objectPublished(published, connection, now: now)
    case .workerEnded(let ending): workerEnded(ending, connection, now: now)
    }
    settle(now: now)
  }

  /// The connection has closed: the process is gone, or as good as gone.
  ///
  /// - Parameter hasEnded: whether the process has closed it, and the reason says no more than that.
  package mutating func workerGone(_ connection: UInt64, reason: String, hasEnded: Bool = false, now: Moment) {
    supervisorGone(connection, now: now)
    guard let executor = executorOfConnection.removeValue(for: connection) else { return }
    let state = executors.removeValue(for: UInt64(executor))
    memoryRequests[executor] = nil
    scheduler.executorLeft(executor)
    if let running = state?.running, let attempt = drop(running) {
      releaseInputs(of: attempt)
      if let state, hasEnded, state.process > 0 {
        awaitEnding(of: state, attempt, running, reason: reason, now: now)
      } else {
        fail(attempt, running, message: reason + whereToLook(state?.container), isRetryable: true, now: now)
      }
    }
    perform(ledger.executorGone(executor))
    settle(now: now)
  }

  /// What a process has said before its end, and its supervisor afterwards, is in its container's log.
  func whereToLook(_ container: String?) -> String {
    container.map { "; see how it ended: kubectl logs \(identity.podName) -c \($0)" } ?? ""
  }

  private mutating func greet(_ hello: WorkerFrame.Hello, _ connection: UInt64) {
    guard ProtocolVersion.supports(hello.version) else {
      return refuse(
        connection, "this sidecar speaks version \(ProtocolVersion.current) of the protocol, not \(hello.version)")
    }
    guard executorOfConnection[connection] == nil, !supervisors.values.contains(where: { $0.connection == connection })
    else {
      return refuse(connection, "a second hello")
    }
    guard hello.functions.count <= Self.offerLimit,
      ([hello.container] + hello.functions).allSatisfy({ $0.utf8.count <= Self.nameLimit })
    else {
      return refuse(
        connection,
        "a process offers at most \(Self.offerLimit) functions, with names of at most \(Self.nameLimit) bytes")
    }
    switch hello.role {
    case .supervisor:
      supervisors[hello.container] = PodSupervisor(
        connection: connection, tellsEndings: hello.features.contains(.endings))
      act(.send(connection: connection, .welcome(.init(epoch: identity.epoch, executor: 0))))
    case .worker:
      guard executors.count < Self.executorLimit else {
        return refuse(connection, "the pod has \(executors.count) executors, as many as it may; lower spec.executors")
      }
      let executor = nextExecutorNumber()
      let state = PodExecutor(
        connection: connection, container: hello.container, slot: hello.slot, pod: identity.podName,
        features: hello.features, process: hello.process)
      executors.insert(state, for: UInt64(executor))
      executorOfConnection[connection] = executor
      act(.send(connection: connection, .welcome(.init(epoch: identity.epoch, executor: executor))))
      tellContinuations(to: state)
      scheduler.executorJoined(executor, functions: hello.functions)
      loadIsDue = true
      note("executor \(hello.container)/\(hello.slot) offers \(hello.functions.sorted().joined(separator: ", "))")
    }
  }

  private mutating func refuse(_ connection: UInt64, _ reason: String) {
    act(.send(connection: connection, .refused(reason: reason)))
    act(.close(connection: connection, reason: reason))
  }

  // MARK: - Memory

  private mutating func needSegment(_ bytes: UInt64, _ invocation: UInt64, _ connection: UInt64) {
    guard let executor = executorOfConnection[connection] else { return refuse(connection, "no hello came first") }
    guard executors[executor]?.running != nil else {
      // A put that its handler did not wait for. Whoever runs nothing must not take the room of those who do.
      return act(
        .send(
          connection: connection,
          .denied(reason: "the attempt that asked for memory is over", invocation: invocation)))
    }
    memoryRequests[executor] = MemoryRequest(bytes: Int(clamping: bytes), invocation: invocation)
    // `settle` answers it, now or when memory comes free.
  }

  private mutating func segmentMapped(_ segment: UInt32, _ connection: UInt64) {
    guard let executor = executorOfConnection[connection] else { return refuse(connection, "no hello came first") }
    do {
      try ledger.mapped(segment: segment, by: executor)
      act(.sealSegment(segment, connection: connection))
    } catch {
      act(.close(connection: connection, reason: error.description))
    }
  }

  // MARK: - Attempts

  private mutating func attemptFinished(_ finished: WorkerFrame.Finished, _ connection: UInt64, now: Moment) {
    guard let (executor, number) = running(finished.invocation, on: connection) else {
      return act(.close(connection: connection, reason: "it reports an attempt that it was not given"))
    }
    var route: Continuations.Route?
    do {
      if finished.continues { route = try self.route(after: finished.transaction, on: executor) }
    } catch {
      return act(.close(connection: connection, reason: error.description))
    }
    var commit = Commit()
    var objection: String?
    if case .committed(let transaction) = finished.result {
      objection = transaction.objection
      do {
        if objection == nil { commit = try commitObjects(of: transaction, by: executor) }
      } catch {
        // What it says of its memory is not so. It may be hostile or broken; either way it goes, and its attempt fails.
        return act(.close(connection: connection, reason: error.description))
      }
    }
    guard let attempt = drop(number) else { return }
    changeExecutor(executor) { $0.running = nil }
    if !memoryRequests.isEmpty { memoryRequests[executor] = nil }
    perform(ledger.attemptEnded(on: executor))
    releaseInputs(of: attempt)
    if !finished.continues { scheduler.executorBecameIdle(executor) }
    if let objection {
      fail(attempt, number, message: objection, isRetryable: false, now: now)
      if finished.continues { abandonRun(after: attempt, reading: nil, on: executor, now: now) }
    } else if let route {
      conclude(attempt, number, commit, by: route, on: executor, now: now)
    } else if case .failed(let message, let isRetryable) = finished.result {
      fail(attempt, number, message: message, isRetryable: isRetryable, now: now)
    } else {
      conclude(attempt, number, commit, now: now)
    }
  }

  /// A function that streams has put an object, which is visible at once.
  private mutating func objectPublished(_ published: WorkerFrame.Published, _ connection: UInt64, now: Moment) {
    guard let (executor, number) = running(published.invocation, on: connection), let attempt = attempts[number] else {
      return act(.close(connection: connection, reason: "it publishes for an attempt that it was not given"))
    }
    let put = published.put
    if let objection = put.objection { return act(.close(connection: connection, reason: objection)) }
    do {
      let object = NewObject(location: put.location, bucket: put.bucket)
      let handle = try ledger.commit(object, by: executor)
      // That what was put twice is gone makes room for nobody: two that put the same again and again, and give way to each
      // other, would go on for ever.
      let freed = ledger.freedObjects
      defer { ledger.freedObjects = freed }
      guard isCurrent(attempt, number) else { return perform(ledger.release(handle)) }
      tell(
        attempt.session,
        .objectPublished(
          invocation: attempt.name.invocation, attempt: attempt.name.attempt,
          .init(bucket: put.bucket, key: put.key, group: put.group, handle: handle)), now: now)
    } catch {
      act(.close(connection: connection, reason: error.description))
    }
  }

  /// What the connection's executor runs under that number.
  private mutating func running(
    _ number: UInt64, on connection: UInt64
  ) -> (executor: UInt32, attempt: AttemptTable.Key)? {
    guard let executor = executorOfConnection[connection],
      let attempt = executors.change(UInt64(executor), { $0.running(under: number) }) ?? nil, attempts.contains(attempt)
    else { return nil }
    return (executor, attempt)
  }

  mutating func conclude(_ attempt: PodAttempt, _ number: AttemptTable.Key, _ commit: Commit, now: Moment) {
    guard isCurrent(attempt, number) else {
      totals.attemptsEnded.unneeded += 1
      for handle in commit.handles { perform(ledger.release(handle)) }
      return
    }
    totals.attemptsEnded.committed += 1
    sessions.change(attempt.session) { $0.attempts[attempt.name] = nil }
    tell(
      attempt.session,
      .attemptCommitted(invocation: attempt.name.invocation, attempt: attempt.name.attempt, commit), now: now)
  }

  /// The attempt has ended without a result.
  mutating func fail(_ attempt: PodAttempt, _ number: AttemptTable.Key, message: String, isRetryable: Bool, now: Moment)
  {
    guard isCurrent(attempt, number) else {
      totals.attemptsEnded.unneeded += 1
      return
    }
    if attempt.gaveWay == nil { totals.attemptsEnded.failed += 1 } else { totals.attemptsEnded.gaveWay += 1 }
    let message = Self.bounded(message)
    sessions.change(attempt.session) { $0.attempts[attempt.name] = nil }
    let (invocation, numberOfAttempt) = (attempt.name.invocation, attempt.name.attempt)
    tell(
      attempt.session,
      attempt.gaveWay != nil
        ? .attemptReturned(invocation: invocation, attempt: numberOfAttempt)
        : .attemptFailed(
          invocation: invocation, attempt: numberOfAttempt, message: message, isRetryable: isRetryable),
      now: now, parks: attempt.gaveWay)
  }

  /// A message as a worker has sent it, which may be as long as a frame.
  private static func bounded(_ message: String) -> String {
    message.utf8.count <= 4096 ? message : String(message.unicodeScalars.prefix(1024)) + "…"
  }

  /// Whether somebody still waits for what the attempt makes.
  private func isCurrent(_ attempt: PodAttempt, _ number: AttemptTable.Key) -> Bool {
    !attempt.isAbandoned && sessions[attempt.session]?.attempts[attempt.name] == number
  }

  mutating func releaseInputs(of attempt: PodAttempt) {
    for index in attempt.attempt.inputs.indices { perform(ledger.release(attempt.attempt.inputs[index].handle)) }
  }

  /// Ends an executor that does not end by itself. Its attempt fails with the message.
  mutating func end(_ executor: UInt32, message: String, now: Moment) {
    guard let state = executors[executor] else { return }
    note("executor \(state.name) is ended: \(message)", isWarning: true)
    if let supervisor = supervisors[state.container] {
      act(.send(connection: supervisor.connection, .kill(slot: state.slot, reason: message)))
    }
    act(.close(connection: state.connection, reason: message))
    workerGone(state.connection, reason: message, now: now)
  }
}
