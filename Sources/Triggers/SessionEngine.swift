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

  /// By number.
  var invocations = NumberTable<Invocation>()
  /// For each object how many triggers and invocations still need it.
  var holders = NumberTable<Int>()
  /// For each bucket who put which key, so that a second one is told of the first.
  var producers: [[Label: InvocationName]]
  var keyCount = 0
  var recentKeys = RecentKeys()
  var triggers: ContiguousArray<TriggerProgress>
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
    producers = plan.start.producers
    triggers = plan.start.triggers
    closing = plan.start.closing
    openStages = plan.stageLengths
    invocationsOfFunction = plan.start.invocationsOfFunction
  }

  /// What a live invocation is found by. An event may name any number, negative ones too.
  static func key(_ number: Int) -> UInt64 { UInt64(bitPattern: Int64(number)) }

  /// All live invocations, the oldest first.
  var liveInvocations: [(number: Int, invocation: Invocation)] {
    invocations.elements.map { (Int($0.number), $0.value) }.sorted { $0.number < $1.number }
  }

  /// When the latest event came.
  package var latest: Moment { now }

  /// Takes in a fact. What it leads to is followed to its end, closing included, before the actions are handed out.
  /// Nothing happens to a session that is over; what a late commit has made is released.
  package mutating func apply(_ event: SessionEvent, now: Moment) -> [SessionAction] {
    var list: [SessionAction] = []
    apply(event, now: now, to: &list)
    return list
  }

  /// The same for one who keeps a list, which is empty; it takes no new memory each time.
  package mutating func apply(_ event: SessionEvent, now: Moment, to list: inout [SessionAction]) {
    guard outcome == nil else { return list += event.handles.map { .release(handle: $0) } }
    swap(&actions, &list)
    defer { swap(&actions, &list) }
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
  }

  private mutating func timedOut(after limit: Duration) {
    let rule =
      limit < compiled.plan.sessionTimeout
      ? "its request gives it \(DurationText.format(limit))"
      : "spec.sessionTimeout is \(DurationText.format(limit))"
    let live = liveInvocations.prefix(5).map { $0.invocation.name.text(in: compiled) }
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
    for (number, invocation) in liveInvocations { withdrawAttempts(of: number, invocation) }
    invocations.removeAll()
    releaseHeld()
    producers = []
    recentKeys = RecentKeys()
    // Sessions that are over are kept for a while, many of them: what their triggers gathered is not asked for again.
    for trigger in triggers.indices { triggers[trigger].state = .vacated }
    incomplete = []
    actions.append(.end(outcome))
  }

  /// Outputs stay until the session is forgotten; everything else goes.
  private mutating func releaseHeld() {
    // Mostly nothing else is held.
    for output in outputs { holders.removeValue(for: output.handle) }
    for handle in holders.numbers.sorted() { actions.append(.release(handle: handle)) }
    holders.removeAll()
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
