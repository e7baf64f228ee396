import Dataflow
import ObjectStore
import Scheduling
import Triggers
import Wire

/// Inline continuation: a worker that goes on by itself, and reports in its ring first. The reports are played through the
/// engine as if the sidecar had sent each invocation, so that whatever the engine decides is the same.
extension PodCore {
  /// An invocation that an executor has begun by itself, while the engine decides whether there is one.
  struct Continuation: Sendable {
    var session: SessionTable.Key
    var function: Int
    /// The only object that it is given.
    var handle: UInt64
    /// The engine's word: this attempt is the one.
    var attempt: AttemptTable.Key?
  }

  /// The table of a plan, unless the workflow is not to have one. Its number is given to no other: a worker may be sent an
  /// invocation that names it before it has the table, and must not take an earlier one for it.
  mutating func continuations(of compiled: CompiledPlan) -> Continuations? {
    guard compiled.plan.inlineContinuation != false else { return nil }
    let buckets = compiled.plan.buckets.enumerated().compactMap { index, bucket -> Continuations.Bucket? in
      let triggers = compiled.triggers.filter { $0.bucket == index }
      // An attempt does not say which trigger fired it, so that two with one target could be taken for each other.
      guard Set(triggers.map(\.target)).count == triggers.count else { return nil }
      let routes = triggers.compactMap { route(of: $0, in: compiled.plan) }
      return routes.isEmpty ? nil : Continuations.Bucket(name: bucket.name, routes: routes)
    }
    guard !buckets.isEmpty else { return nil }
    lastContinuations += 1
    return Continuations(number: lastContinuations, buckets: buckets)
  }

  private func route(of trigger: CompiledPlan.Trigger, in plan: WorkflowPlan) -> Continuations.Route? {
    let function = plan.functions[trigger.target]
    let names: [String]?
    switch trigger.plan.primitive {
    case .immediate: names = nil
    case .byName(let list): names = list
    case .bySet, .byBatchSize, .byTime, .redundant, .dynamicJoin, .dynamicGroup: return nil
    }
    return Continuations.Route(
      trigger: trigger.name, function: function.name, names: names,
      timeout: function.timeout.map { UInt64(clamping: $0.wholeNanoseconds) },
      publishesImmediately: function.publish == .immediately)
  }

  /// Workers learn what the plan in force lets them go on with.
  mutating func tellContinuations(to executor: PodExecutor) {
    guard executor.continues, let continuations else { return }
    act(.send(connection: executor.connection, .continuations(continuations)))
  }

  /// What the executor has gone on with after that commit. An error where nothing sound says that it has.
  func route(after transaction: Transaction?, on number: UInt32) throws(WireError) -> Continuations.Route {
    let run = executors[number]?.run
    guard let transaction, let run, let route = run.continuations?.route(after: transaction) else {
      throw WireError("it says that it has gone on by itself where its plan does not let it")
    }
    guard scheduler.hosts(number, route.function) else {
      throw WireError("it has gone on with a function that it does not offer")
    }
    guard run.hops < Continuations.hopLimit else {
      throw WireError("it has gone on by itself more than \(Continuations.hopLimit) times in a row")
    }
    return route
  }

  /// Tells the engine of a commit after which the executor has gone on. If the engine has another mind, since the session is
  /// over, say, what the executor runs now is for nobody.
  mutating func conclude(
    _ attempt: PodAttempt, _ number: AttemptTable.Key, _ commit: Commit, by route: Continuations.Route,
    on executor: UInt32, now: Moment
  ) {
    changeExecutor(executor) { $0.run.hops += 1 }
    let function = sessions[attempt.session]?.engine.compiled.function(route.function)
    // The executor reads its input until it reports, whatever the engine makes of the commit.
    let input = commit.puts[0].handle
    ledger.retain(input)
    continuation = function.map { Continuation(session: attempt.session, function: $0, handle: input) }
    conclude(attempt, number, commit, now: now)
    let next = continuation?.attempt
    continuation = nil
    guard let next, let begun = attempts[next] else {
      return abandonRun(after: attempt, reading: input, on: executor, now: now)
    }
    totals.continued += 1
    begin(next, begun, on: executor, now: now)
    perform(ledger.release(input))
  }

  /// Whether the attempt that the engine wants queued is the one that an executor has begun already.
  mutating func isBegun(_ attempt: Attempt, _ number: AttemptTable.Key, of session: SessionTable.Key) -> Bool {
    guard let expected = continuation, expected.attempt == nil, expected.session == session,
      attempt.function == expected.function, attempt.attempt == 1, attempt.inputs.count == 1,
      attempt.inputs[0].handle == expected.handle
    else { return false }
    continuation?.attempt = number
    return true
  }

  /// The executor has gone on after a commit from which nothing followed.
  mutating func abandonRun(after attempt: PodAttempt, reading input: UInt64?, on executor: UInt32, now: Moment) {
    guard let state = executors[executor] else { return }
    var nothing = attempt.attempt
    nothing.invocation = -1
    nothing.inputs = input.map { [ObjectReference(bucket: nil, key: "", handle: $0)] } ?? []
    var abandoned = PodAttempt(
      session: attempt.session, order: nextAttemptOrder(), queuedAt: now.monotonic, attempt: nothing,
      function: attempt.function)
    abandoned.executor = executor
    abandoned.isAbandoned = true
    let number = attempts.insert(abandoned)
    changeExecutor(executor) { $0.running = number }
    ledger.attemptBegan(on: executor)
    act(.send(connection: state.connection, .cancel(invocation: state.run.number)))
    timers.set(.cancellationGrace(number), at: now.monotonic + Self.cancellationGrace)
  }
}
