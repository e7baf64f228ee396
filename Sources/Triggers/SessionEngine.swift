package import Dataflow

/// One session of a workflow: which invocations live, what its triggers wait for, what has closed. Facts in, actions out;
/// no I/O, clock, threads or randomness. All of DESIGN section 5 that concerns one session is decided here.
///
/// The cost of an event does not grow with what the session holds, but for those that end something: a session, or what a
/// redundant trigger has made superfluous.
package struct SessionEngine: Sendable {
  /// Keys that a session can tell apart for good. Default keys, which cannot collide, are not counted, but while an
  /// invocation streams them each run of indices that go to one bucket without a gap counts as one.
  package static let keyLimit = 1_000_000

  package let session: String
  package let compiled: CompiledPlan
  package internal(set) var outcome: SessionOutcome?
  /// The outputs of committed invocations, in the order of their commits.
  package internal(set) var outputs: [Commit.Output] = []
  /// Invocations that were ever made.
  package internal(set) var invocationCount = 0
  package internal(set) var log: SessionLog

  var invocations: [Int: Invocation] = [:]
  /// For each object how many triggers and invocations still need it.
  var holders: [UInt64: Int] = [:]
  /// For each bucket who put which key, so that a second one is told of the first.
  var producers: [[String: InvocationName]]
  var keyCount = 0
  var recentKeys = RecentKeys()
  var triggers: [TriggerProgress]
  var closing: ClosingFrontier
  /// For each trigger how many components of the stage that it waits for are still open.
  var openStages: [Int]
  /// Triggers that closed before they had what they had begun to wait for.
  var incomplete: [(trigger: Int, awaited: Awaited)] = []
  /// What the triggers waited for when the session ended.
  var unfiredAtEnd: [Unfired] = []
  var invocationsOfFunction: [Int32]
  /// For each function whether redundant triggers have made it superfluous; empty while none has.
  var superfluous: [Bool] = []
  /// Actions that the current event has led to so far.
  var actions: [SessionAction] = []
  var now: Moment

  /// A trigger's state and what it has done in the session.
  struct TriggerProgress: Sendable {
    static let keptIgnoredKeys = 16

    var state: PrimitiveState
    var firedCount = 0
    /// Objects that went to those who gather across sessions.
    var handedOverCount = 0
    /// Objects that came too late, and the keys of the first of them.
    var ignoredCount = 0
    var ignoredKeys: [String] = []
    /// Invocations that failed for good and whose objects it therefore lacks.
    var lostCount = 0
    /// How the last invocation failed that could lead to it, if any did.
    var lastFailure: String?
  }

  package init(session: String, plan: CompiledPlan, now: Moment) {
    self.session = session
    self.now = now
    compiled = plan
    log = SessionLog(start: now)
    producers = [[String: InvocationName]](repeating: [:], count: plan.plan.buckets.count)
    triggers = plan.triggers.map { TriggerProgress(state: $0.initialState) }
    closing = ClosingFrontier(graph: plan.graph)
    openStages = plan.stageLengths
    invocationsOfFunction = [Int32](repeating: 0, count: plan.plan.functions.count)
  }

  /// When the latest event came.
  package var latest: Moment { now }

  /// Takes in a fact. What it leads to is followed to its end, closing included, before the actions are handed out.
  /// Nothing happens to a session that is over; what a late commit has made is released.
  package mutating func apply(_ event: SessionEvent, now: Moment) -> [SessionAction] {
    guard outcome == nil else { return event.handles.map { .release(handle: $0) } }
    self.now = now
    switch event {
    case .requested(let function, let payload): requested(function, payload: payload)
    case .enteredBucket(let bucket, let key, let group, let payload):
      enteredBucket(bucket, key: key, group: group, payload: payload)
    case .derived(let trigger, let firing, let inputs): derived(trigger, firing: firing, inputs: inputs)
    case .attemptStarted(let invocation, let attempt, let executor): started(invocation, attempt, on: executor)
    case .objectPublished(let invocation, let attempt, let put): published(put, by: invocation, attempt)
    case .attemptCommitted(let invocation, let attempt, let commit): committed(commit, by: invocation, attempt)
    case .attemptFailed(let invocation, let attempt, let message, let isRetryable):
      failed(invocation, attempt, message: message, isRetryable: isRetryable)
    case .attemptReturned(let invocation, let attempt): returned(invocation, attempt)
    case .retryDue(let invocation): retry(invocation)
    case .recoveryDue(let invocation, let attempt): recover(invocation, attempt)
    case .cancelled: end(.cancelled, "the session was cancelled")
    case .timedOut(let limit): timedOut(after: limit)
    }
    advanceClosing()
    defer { actions = [] }
    return actions
  }

  private mutating func timedOut(after limit: Duration) {
    let rule =
      limit < compiled.plan.sessionTimeout
      ? "its request gives it \(DurationText.format(limit))"
      : "spec.sessionTimeout is \(DurationText.format(limit))"
    let live = invocations.sorted { $0.key < $1.key }.prefix(5).map { $0.value.name.text(in: compiled) }
    end(
      .timedOut,
      "the session took longer than it may (\(rule)); "
        + "still live: \(live.isEmpty ? "nothing" : live.joined(separator: ", "))")
  }

  mutating func end(_ state: SessionOutcome.State, _ message: String) {
    guard outcome == nil else { return }
    let outcome = SessionOutcome(state: state, message: message)
    self.outcome = outcome
    log.record(.ended(outcome), at: now)
    if state != .succeeded { unfiredAtEnd = boundedUnfired }
    for (number, invocation) in invocations.sorted(by: { $0.key < $1.key }) { withdrawAttempts(of: number, invocation) }
    invocations = [:]
    // Outputs stay until the session is forgotten; everything else goes.
    let kept = Set(outputs.map(\.handle))
    for handle in holders.keys.sorted() where !kept.contains(handle) { actions.append(.release(handle: handle)) }
    holders = [:]
    producers = []
    recentKeys = RecentKeys()
    // Sessions that are over are kept for a while, many of them: what their triggers gathered is not asked for again.
    for trigger in triggers.indices { triggers[trigger].state = .vacated }
    incomplete = []
    actions.append(.end(outcome))
  }
}

extension SessionEvent {
  /// The objects that come with the event.
  var handles: [UInt64] {
    switch self {
    case .requested(_, let payload), .enteredBucket(_, _, _, let payload): [payload]
    case .derived(_, _, let inputs): inputs.map(\.handle)
    case .objectPublished(_, _, let put): [put.handle]
    case .attemptCommitted(_, _, let commit): commit.handles
    case .attemptStarted, .attemptFailed, .attemptReturned, .retryDue, .recoveryDue, .cancelled, .timedOut: []
    }
  }
}
