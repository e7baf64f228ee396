package import Dataflow

/// One session of a workflow: which invocations live, what its triggers wait for, what has closed. Facts in, actions out;
/// no I/O, clock, threads or randomness. All of DESIGN section 5 that concerns one session is decided here.
///
/// An invocation is *live* while it is queued, running or in back-off. Its legal states:
/// queued -> running -> committed | backingOff -> queued … | failed, and from any of them abandoned.
package struct SessionEngine: Sendable {
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
  var producers: [[String: String]]
  var triggers: [PrimitiveState]
  var firedCounts: [Int]
  var closing: ClosingFrontier
  /// For each trigger how many of its announcers' components are still open.
  var openAnnouncers: [Int]
  var incomplete: [(trigger: Int, lacks: [String])] = []
  var invocationsOfFunction: [Int]
  /// Actions that the current event has led to so far.
  var actions: [SessionAction] = []
  var now: Moment

  /// When the latest event came.
  package var latest: Moment { now }

  struct Invocation: Sendable {
    var function: Int
    /// How people call it: function and number within it, such as `count#3`.
    var name: String
    var firing: String
    var inputs: [ObjectReference]
    var attempt = 1
    var phase = Phase.queued

    enum Phase: Sendable { case queued, running, backingOff }
  }

  package init(session: String, plan: CompiledPlan, now: Moment) {
    self.session = session
    self.now = now
    compiled = plan
    log = SessionLog(start: now)
    producers = [[String: String]](repeating: [:], count: plan.plan.buckets.count)
    triggers = plan.triggers.map(\.initialState)
    firedCounts = [Int](repeating: 0, count: plan.triggers.count)
    closing = ClosingFrontier(graph: plan.graph)
    openAnnouncers = plan.announcerComponents.map(\.count)
    invocationsOfFunction = [Int](repeating: 0, count: plan.plan.functions.count)
  }

  // MARK: - Beginning

  /// The request's payload goes to a function.
  package mutating func begin(function: Int, payload: UInt64, now: Moment) -> [SessionAction] {
    event(at: now) { engine in
      engine.log.record(.requested(engine.compiled.plan.functions[function].name), at: now)
      engine.holders[payload] = 0
      let firing = StableHash.of("entry", engine.session, engine.compiled.plan.functions[function].name)
      let input = ObjectReference(bucket: nil, key: "", handle: payload)
      engine.invoke(function, firing: firing, inputs: [input])
    }
  }

  /// The request's payload becomes an object of a bucket.
  package mutating func begin(
    bucket: Int, key: String, group: String?, payload: UInt64, now: Moment
  ) -> [SessionAction] {
    event(at: now) { engine in
      engine.producers[bucket][key] = "the request"
      engine.holders[payload] = 1
      engine.publish(ObjectReference(bucket: bucket, key: key, group: group, handle: payload), by: "request")
    }
  }

  // MARK: - Attempts

  /// An executor has begun to run the attempt.
  package mutating func attemptStarted(invocation: Int, executor: String, now: Moment) {
    guard var state = invocations[invocation] else { return }
    state.phase = .running
    invocations[invocation] = state
    log.record(.started(state.name, attempt: state.attempt, executor: executor), at: now)
  }

  /// A back-off is over.
  package mutating func retryDue(invocation: Int, now: Moment) -> [SessionAction] {
    event(at: now) { engine in
      guard var state = engine.invocations[invocation], state.phase == .backingOff else { return }
      state.phase = .queued
      engine.invocations[invocation] = state
      engine.actions.append(.enqueue(engine.attempt(of: invocation, state)))
    }
  }

  // MARK: - Ending from outside

  package mutating func cancel(now: Moment) -> [SessionAction] {
    event(at: now) { $0.end(.cancelled, "the session was cancelled") }
  }

  package mutating func timeOut(now: Moment) -> [SessionAction] {
    event(at: now) { engine in
      let limit = DurationText.format(engine.compiled.plan.sessionTimeout)
      let live = engine.invocations.sorted { $0.key < $1.key }.prefix(5).map(\.value.name).joined(separator: ", ")
      engine.end(
        .timedOut,
        "the session took longer than it may (spec.sessionTimeout is \(limit)); still live: \(live.isEmpty ? "nothing" : live)"
      )
    }
  }

  // MARK: - Running an event

  /// Every event goes through here: nothing happens to a session that is over, and what an event leads to is
  /// followed to its end, closing included, before its actions are handed out.
  mutating func event(at now: Moment, _ body: (inout SessionEngine) -> Void) -> [SessionAction] {
    guard outcome == nil else { return [] }
    self.now = now
    body(&self)
    advanceClosing()
    defer { actions = [] }
    return actions
  }

  mutating func end(_ state: SessionOutcome.State, _ message: String) {
    guard outcome == nil else { return }
    let outcome = SessionOutcome(state: state, message: message)
    self.outcome = outcome
    log.record(.ended(outcome), at: now)
    for (number, _) in invocations.sorted(by: { $0.key < $1.key }) {
      actions.append(.abandon(invocation: number))
    }
    invocations = [:]
    // Outputs stay until the session is forgotten; everything else goes.
    let kept = Set(outputs.map(\.handle))
    for handle in holders.keys.sorted() where !kept.contains(handle) { actions.append(.release(handle: handle)) }
    holders = [:]
    actions.append(.end(outcome))
  }
}
