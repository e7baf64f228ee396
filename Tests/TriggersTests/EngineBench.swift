import Dataflow
import Testing

@testable import Triggers

/// Runs one session by hand, keeps its queue, and watches over what must hold whatever happens:
/// each handle is released once and never while something that lives needs it, and nothing follows the end.
struct EngineBench {
  var engine: SessionEngine
  var now = Moment(monotonic: .seconds(100), wall: .seconds(1_000_000))
  /// Attempts that wait for an executor, oldest first.
  var queued: [Attempt] = []
  var running: [Attempt] = []
  /// Invocations in back-off, and for how long.
  var pauses: [(invocation: Int, after: Duration)] = []
  /// Attempts that a trigger's recovery watches, and for how long.
  var recoveries: [(invocation: Int, attempt: Int, after: Duration)] = []
  /// The invocations of attempts that nobody needs any more.
  var withdrawn: [Int] = []
  var handedOver: [(trigger: Int, object: ObjectReference)] = []
  var recording: SessionRecording
  var ended: SessionOutcome?
  /// Handles that were given to the engine and not released.
  var held: Set<UInt64> = []
  /// Every action, in words.
  var trace: [String] = []
  /// The first attempt of every invocation.
  var firings: [Attempt] = []
  var violations: [String] = []
  private var lastHandle: UInt64 = 0

  init(_ plan: WorkflowPlan, session: String = "s") {
    engine = SessionEngine(
      session: session, plan: CompiledPlan(plan), now: Moment(monotonic: .seconds(100), wall: .seconds(1_000_000)))
    recording = SessionRecording(session: session, plan: plan, startedAt: engine.latest)
  }

  mutating func handle() -> UInt64 {
    lastHandle += 1
    held.insert(lastHandle)
    return lastHandle
  }

  // MARK: - Events

  mutating func begin(_ function: String) {
    let payload = handle()
    apply(.requested(function: engine.compiled.function(function) ?? 0, payload: payload))
  }

  mutating func begin(bucket: String, key: String) {
    let payload = handle()
    apply(.enteredBucket(bucket: engine.compiled.bucket(bucket) ?? 0, key: key, group: nil, payload: payload))
  }

  /// Starts the oldest queued attempt of the function.
  @discardableResult
  mutating func start(_ function: String) throws -> Attempt {
    let index = try #require(queued.firstIndex { name(of: $0) == function }, "no attempt of \(function) is queued")
    return start(at: index)
  }

  /// Starts the attempt at a place in the queue.
  @discardableResult
  mutating func start(at index: Int) -> Attempt {
    let attempt = queued.remove(at: index)
    running.append(attempt)
    apply(.attemptStarted(invocation: attempt.invocation, attempt: attempt.attempt, executor: "pod/app/0"))
    return attempt
  }

  mutating func commit(
    _ attempt: Attempt, puts: [(bucket: String, key: String)] = [], announces: [String: [String]] = [:],
    outputs: [String] = [], calls: [String] = []
  ) {
    let commit = Commit(
      puts: puts.map { Commit.Put(bucket: $0.bucket, key: Label($0.key), handle: handle()) },
      calls: calls.map { Commit.Call(function: $0, key: "", handle: handle()) },
      announcements: announces.sorted { $0.key < $1.key }.map { Commit.Announcement(bucket: $0.key, keys: $0.value) },
      outputs: outputs.map { Commit.Output(name: $0, handle: handle()) })
    self.commit(attempt, commit)
  }

  mutating func commit(_ attempt: Attempt, _ commit: Commit) {
    finish(attempt, .attemptCommitted(invocation: attempt.invocation, attempt: attempt.attempt, commit))
  }

  mutating func fail(_ attempt: Attempt, _ message: String = "it broke", isRetryable: Bool = true) {
    finish(
      attempt,
      .attemptFailed(
        invocation: attempt.invocation, attempt: attempt.attempt, message: message, isRetryable: isRetryable))
  }

  mutating func giveBack(_ attempt: Attempt) {
    finish(attempt, .attemptReturned(invocation: attempt.invocation, attempt: attempt.attempt))
  }

  /// A streaming attempt puts an object and goes on.
  mutating func publish(_ attempt: Attempt, _ bucket: String, _ key: String) {
    apply(
      .objectPublished(
        invocation: attempt.invocation, attempt: attempt.attempt,
        .init(bucket: bucket, key: Label(key), handle: handle())))
  }

  mutating func passPause() throws {
    try #require(!pauses.isEmpty, "nothing is in back-off")
    passPause(0)
  }

  mutating func passPause(_ index: Int) {
    let pause = pauses.remove(at: index)
    now = now + pause.after
    apply(.retryDue(invocation: pause.invocation))
  }

  /// Starts the oldest attempt of the function, and commits it.
  mutating func run(
    _ function: String, puts: [(bucket: String, key: String)] = [], announces: [String: [String]] = [:],
    outputs: [String] = []
  ) throws {
    commit(try start(function), puts: puts, announces: announces, outputs: outputs)
  }

  /// The oldest wait for a second attempt is over.
  mutating func passRecovery() throws {
    try #require(!recoveries.isEmpty, "nothing is watched")
    passRecovery(0)
  }

  mutating func passRecovery(_ index: Int) {
    let recovery = recoveries.remove(at: index)
    now = now + recovery.after
    apply(.recoveryDue(invocation: recovery.invocation, attempt: recovery.attempt))
  }

  mutating func cancel() { apply(.cancelled) }
  mutating func timeOut() { apply(.timedOut(after: engine.compiled.plan.sessionTimeout)) }

  mutating func apply(_ event: SessionEvent) {
    let actions = engine.apply(event, now: now)
    recording.record(event, at: now, actions: actions)
    absorb(actions)
  }

  // MARK: - What came of it

  func name(of attempt: Attempt) -> String { engine.compiled.plan.functions[attempt.function].name }
  var queuedNames: [String] { queued.map { name(of: $0) } }
  var heldOutputs: Set<UInt64> { Set(engine.outputs.map(\.handle)) }

  private mutating func finish(_ attempt: Attempt, _ event: SessionEvent) {
    running.removeAll { $0 == attempt }
    apply(event)
  }

  /// What attempts that are queued or run were given, and what invocations in back-off will be given again.
  var needed: Set<UInt64> {
    let pausing = firings.filter { firing in pauses.contains { $0.invocation == firing.invocation } }
    return Set((queued + running + pausing).flatMap { $0.inputs.map(\.handle) })
  }

  private mutating func absorb(_ actions: [SessionAction]) {
    let wasOver = ended != nil
    // Of what backs off nothing is queued or runs, so that nothing is withdrawn when it is not needed any more.
    pauses.removeAll { !engine.invocations.contains(UInt64($0.invocation)) }
    for action in actions {
      trace.append("\(action)")
      // Only what a late report brought along is given back.
      var isGivenBack = false
      if case .release = action { isGivenBack = wasOver }
      if ended != nil, !isGivenBack { violations.append("\(action) comes after the end") }
      switch action {
      case .enqueue(let attempt):
        if attempt.attempt == 1, !firings.contains(where: { $0.invocation == attempt.invocation }) {
          if firings.contains(where: { $0.firing == attempt.firing }) {
            violations.append("firing \(attempt.firing) came twice")
          }
          firings.append(attempt)
        }
        queued.append(attempt)
        for input in attempt.inputs where !held.contains(input.handle) {
          violations.append("\(attempt) is given an object that was released")
        }
      case .withdraw(let invocation, let attempt):
        withdrawn.append(invocation)
        queued.removeAll { $0.invocation == invocation && $0.attempt == attempt }
        running.removeAll { $0.invocation == invocation && $0.attempt == attempt }
      case .scheduleRetry(let invocation, let after): pauses.append((invocation, after))
      case .scheduleRecovery(let invocation, let attempt, let after): recoveries.append((invocation, attempt, after))
      case .handOver(let trigger, let object):
        handedOver.append((trigger, object))
        if !held.contains(object.handle) { violations.append("\(object) is handed over after it was released") }
      case .release(let handle):
        if held.remove(handle) == nil { violations.append("handle \(handle) was released twice") }
        if needed.contains(handle) { violations.append("handle \(handle) was released while an attempt needs it") }
      case .end(let outcome): ended = outcome
      }
    }
    if ended != nil, held != heldOutputs { violations.append("held at the end: \(held), outputs: \(heldOutputs)") }
  }
}

/// Plans in few words.
func plan(
  entry: String = "a", _ functions: [FunctionPlan], _ buckets: [String: [TriggerPlan]] = [:],
  invocationLimit: Int = 1000
) -> WorkflowPlan {
  WorkflowPlan(
    namespace: "n", workflow: "w", entry: entry, functions: functions,
    buckets: buckets.sorted { $0.key < $1.key }.map { BucketPlan(name: $0.key, triggers: $0.value) },
    invocationLimit: invocationLimit)
}
