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
  var abandoned: [Int] = []
  var ended: SessionOutcome?
  /// Handles that were given to the engine and not released.
  var held: Set<UInt64> = []
  /// Every action, in words.
  var trace: [String] = []
  /// The first attempt of every invocation.
  var firings: [Attempt] = []
  var violations: [String] = []
  private var lastHandle: UInt64 = 0
  private var inputsOfLive: [Int: [UInt64]] = [:]

  init(_ plan: WorkflowPlan, session: String = "s") {
    engine = SessionEngine(
      session: session, plan: CompiledPlan(plan), now: Moment(monotonic: .seconds(100), wall: .seconds(1_000_000)))
  }

  mutating func handle() -> UInt64 {
    lastHandle += 1
    held.insert(lastHandle)
    return lastHandle
  }

  // MARK: - Events

  mutating func begin(_ function: String) {
    let payload = handle()
    absorb(engine.begin(function: engine.compiled.function(function) ?? 0, payload: payload, now: now))
  }

  mutating func begin(bucket: String, key: String) {
    let payload = handle()
    absorb(
      engine.begin(bucket: engine.compiled.bucket(bucket) ?? 0, key: key, group: nil, payload: payload, now: now))
  }

  /// Starts the oldest queued attempt of the function.
  @discardableResult
  mutating func start(_ function: String) throws -> Attempt {
    let index = try #require(queued.firstIndex { name(of: $0) == function }, "no attempt of \(function) is queued")
    let attempt = queued.remove(at: index)
    running.append(attempt)
    engine.attemptStarted(invocation: attempt.invocation, executor: "pod/app/0", now: now)
    return attempt
  }

  mutating func commit(
    _ attempt: Attempt, puts: [(bucket: String, key: String)] = [], announces: [String: [String]] = [:],
    outputs: [String] = []
  ) {
    let commit = Commit(
      puts: puts.map { Commit.Put(bucket: $0.bucket, key: $0.key, handle: handle()) },
      announcements: announces.sorted { $0.key < $1.key }.map { Commit.Announcement(bucket: $0.key, keys: $0.value) },
      outputs: outputs.map { Commit.Output(name: $0, handle: handle()) })
    report(attempt) { engine, now in
      engine.attemptCommitted(invocation: attempt.invocation, attempt: attempt.attempt, commit: commit, now: now)
    }
  }

  mutating func fail(_ attempt: Attempt, _ message: String = "it broke", isRetryable: Bool = true) {
    report(attempt) { engine, now in
      engine.attemptFailed(
        invocation: attempt.invocation, attempt: attempt.attempt, message: message, isRetryable: isRetryable, now: now)
    }
  }

  mutating func giveBack(_ attempt: Attempt) {
    report(attempt) { $0.attemptReturned(invocation: attempt.invocation, attempt: attempt.attempt, now: $1) }
  }

  mutating func passPause() throws {
    try #require(!pauses.isEmpty, "nothing is in back-off")
    let pause = pauses.removeFirst()
    now = now + pause.after
    absorb(engine.retryDue(invocation: pause.invocation, now: now))
  }

  /// Starts the oldest attempt of the function, and commits it.
  mutating func run(
    _ function: String, puts: [(bucket: String, key: String)] = [], announces: [String: [String]] = [:],
    outputs: [String] = []
  ) throws {
    commit(try start(function), puts: puts, announces: announces, outputs: outputs)
  }

  mutating func cancel() { absorb(engine.cancel(now: now)) }
  mutating func timeOut() { absorb(engine.timeOut(now: now)) }

  // MARK: - What came of it

  func name(of attempt: Attempt) -> String { engine.compiled.plan.functions[attempt.function].name }
  var queuedNames: [String] { queued.map { name(of: $0) } }
  var heldOutputs: Set<UInt64> { Set(engine.outputs.map(\.handle)) }

  private mutating func report(_ attempt: Attempt, _ event: (inout SessionEngine, Moment) -> [SessionAction]) {
    if let index = running.firstIndex(of: attempt) {
      running.remove(at: index)
      inputsOfLive[attempt.invocation] = nil
    }
    absorb(event(&engine, now))
  }

  private mutating func absorb(_ actions: [SessionAction]) {
    let wasOver = ended != nil
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
        inputsOfLive[attempt.invocation] = attempt.inputs.map(\.handle)
        for input in attempt.inputs where !held.contains(input.handle) {
          violations.append("\(attempt) is given an object that was released")
        }
      case .abandon(let invocation):
        abandoned.append(invocation)
        inputsOfLive[invocation] = nil
        queued.removeAll { $0.invocation == invocation }
        pauses.removeAll { $0.invocation == invocation }
      case .scheduleRetry(let invocation, let after):
        pauses.append((invocation, after))
        inputsOfLive[invocation] = firings.first { $0.invocation == invocation }?.inputs.map(\.handle)
      case .release(let handle):
        if held.remove(handle) == nil { violations.append("handle \(handle) was released twice") }
        if inputsOfLive.values.contains(where: { $0.contains(handle) }) {
          violations.append("handle \(handle) was released while an attempt needs it")
        }
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
