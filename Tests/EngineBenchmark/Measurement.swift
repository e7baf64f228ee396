import CAllocationCount
import Dataflow
import Triggers

/// What an event costs while a number of objects is held.
struct Measurement: Codable {
  var primitive: String
  var held: Int
  /// The median of several runs.
  var nanosecondsPerEvent: Double
  var allocationsPerEvent: Double

  static let runs = 5

  init(_ scenario: Scenario, held: Int) {
    let plan = CompiledPlan(scenario.plan)
    // Few rounds at a time, so that what is held stays about what it is called; many times, so that a clock can tell.
    let rounds = max(10, min(1000, held / 10))
    let sessions = max(1, 1000 / rounds)
    var times: [Double] = []
    var allocations: [Double] = []
    for _ in 0..<Self.runs {
      var (time, allocated, events) = (Duration.zero, UInt64(0), 0)
      for _ in 0..<sessions {
        var load = Load(scenario, plan)
        load.play(held)
        events -= load.events
        let (start, before) = (ContinuousClock.now, allocation_count())
        load.play(rounds)
        time += ContinuousClock.now - start
        allocated += allocation_count() - before
        events += load.events
      }
      times.append(Double(time.wholeNanoseconds) / Double(events))
      allocations.append(Double(allocated) / Double(events))
    }
    primitive = scenario.name
    self.held = held
    nanosecondsPerEvent = times.sorted()[Self.runs / 2]
    allocationsPerEvent = allocations.sorted()[Self.runs / 2]
  }
}

/// Puts one object after the other.
private struct Load {
  private let scenario: Scenario
  private let plan: CompiledPlan
  private let now = Moment(monotonic: .zero, wall: .zero)
  private var engine: SessionEngine
  private var across = WorkflowTriggers()
  /// The attempt that runs next: each calls its own function again, so that there is always one.
  private var next = 0
  private var firing: Label = ""
  private var handle: UInt64 = 0
  private var objects = 0
  private(set) var events = 0

  init(_ scenario: Scenario, _ plan: CompiledPlan) {
    self.scenario = scenario
    self.plan = plan
    engine = SessionEngine(session: "s", plan: plan, now: now)
    if plan.triggers[0].isWorkflowScoped {
      _ = across.planApplied(plan, now: now)
    } else {
      take(engine.apply(.requested(function: 0, payload: newHandle()), now: now))
      if scenario.course == .streams { start(1) }
    }
  }

  mutating func play(_ rounds: Int) {
    for _ in 0..<rounds {
      if plan.triggers[0].isWorkflowScoped {
        arrive()
      } else {
        switch scenario.course {
        case .commits: commit(attempt: 1)
        case .streams: publish()
        case .failsFirst:
          fail()
          commit(attempt: 2)
        }
      }
      objects += 1
    }
  }

  private mutating func arrive() {
    let object = ObjectReference(bucket: 0, key: "key", handle: newHandle())
    _ = across.objectArrived(object, of: "s", at: 0, of: plan, now: now)
    events += 1
  }

  private mutating func start(_ attempt: Int) {
    _ = engine.apply(.attemptStarted(invocation: next, attempt: attempt, executor: "0"), now: now)
  }

  /// The first attempt fails, and its pause passes.
  private mutating func fail() {
    start(1)
    _ = engine.apply(
      .attemptFailed(invocation: next, attempt: 1, message: "it broke", isRetryable: true), now: now)
    _ = engine.apply(.retryDue(invocation: next), now: now)
    events += 3
  }

  private mutating func publish() {
    let put = Commit.Put(bucket: "x", key: Label(scenario.key(objects) ?? ""), handle: newHandle())
    _ = engine.apply(.objectPublished(invocation: next, attempt: 1, put), now: now)
    events += 1
  }

  private mutating func commit(attempt: Int) {
    let invocation = next
    start(attempt)
    let key = scenario.key(objects).map { Label($0) } ?? DefaultKey.make(firing: firing, index: 1)
    let commit = Commit(
      puts: [.init(bucket: "x", key: key, handle: newHandle())],
      calls: [.init(function: "a", key: "", handle: newHandle())])
    take(engine.apply(.attemptCommitted(invocation: invocation, attempt: attempt, commit), now: now))
    events += 2
  }

  private mutating func take(_ actions: [SessionAction]) {
    for case .enqueue(let attempt) in actions where attempt.function == 0 {
      next = attempt.invocation
      firing = attempt.firing
    }
  }

  private mutating func newHandle() -> UInt64 {
    handle += 1
    return handle
  }
}
