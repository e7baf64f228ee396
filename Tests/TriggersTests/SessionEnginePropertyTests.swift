import Dataflow
import Testing

@testable import Triggers

@Suite("Session engine: random plans and interleavings")
struct SessionEnginePropertyTests {
  @Test(
    "Whatever happens, handles are released once, sessions end, and triggers fire as the model says",
    arguments: 0..<400 as Range<UInt64>)
  func property(seed: UInt64) throws {
    var run = RandomRun(seed: seed)
    try run.play()
    #expect(run.bench.violations == [], "seed \(seed)")
    #expect(run.bench.ended != nil, "seed \(seed): nothing lives, but the session has not ended")
    #expect(run.modelObjections() == [], "seed \(seed)")
    var again = RandomRun(seed: seed)
    try again.play()
    #expect(again.bench.trace == run.bench.trace, "seed \(seed): two traces")
  }

  @Test("The runs above see every way to end")
  func coverage() throws {
    var seen: Set<SessionOutcome.State> = []
    var joins = 0
    for seed: UInt64 in 0..<400 {
      var run = RandomRun(seed: seed)
      try run.play()
      if let state = run.bench.ended?.state { seen.insert(state) }
      joins += run.joinsFired
    }
    #expect(seen == [.succeeded, .failed, .stalled, .timedOut, .cancelled])
    #expect(joins > 20)
  }
}

/// One session of a random plan, played by random events. It keeps what became visible, to judge the firings by.
struct RandomRun {
  var random: SeededGenerator
  var bench: EngineBench
  var visible: [String: [String]] = [:]
  var announced: [(function: String, commit: [String: [String]])] = []
  private var stale: [Attempt] = []
  private var lastKey = 0
  private var steps = 0

  init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
    let plan = Self.plan(&random)
    bench = EngineBench(plan, session: "s\(seed)")
  }

  /// Function i puts into bucket i, which fires function i + 1; more edges and primitives come by chance.
  static func plan(_ random: inout SeededGenerator) -> WorkflowPlan {
    for attempt in 0..<50 {
      let count = 1 + random.below(4)
      let mayCycle = random.below(4) == 0
      let functions = (0...count).map { index in
        FunctionSpec(
          name: "f\(index)",
          outputs: (0..<count).filter { $0 == index || ((mayCycle || $0 > index) && random.below(3) == 0) }
            .map { "b\($0)" }, retry: .init(limit: random.below(3), backoff: "10ms"))
      }
      var buckets: [String: BucketSpec] = [:]
      for index in 0..<count {
        let triggers = (0...random.below(3)).map { number in
          let target =
            number == 0 ? index + 1 : mayCycle ? random.below(count + 1) : index + 1 + random.below(count - index)
          let primitive: Primitive =
            switch random.below(attempt > 25 ? 3 : 5) {
            case 0: .immediate
            case 1: .byName(["k1", "k3"])
            case 2: .bySet(["k2", "k1"])
            default: .dynamicJoin(announcedBy: (0...random.below(2)).map { _ in "f\(random.below(index + 1))" })
            }
          return TriggerSpec(name: "t\(number)", target: "f\(target)", primitive)
        }
        buckets["b\(index)"] = BucketSpec(workflow: "w", triggers: triggers)
      }
      let spec = WorkflowSpec(
        entry: "f0", functions: functions, sessionLimits: .init(invocations: 10 + random.below(60), restarts: 0))
      if let plan = PlanCompiler.compile(namespace: "n", workflow: "w", spec: spec, buckets: buckets).plan {
        return plan
      }
    }
    return WorkflowPlan(namespace: "n", workflow: "w", entry: "f0", functions: [FunctionPlan(name: "f0")], buckets: [])
  }

  mutating func play() throws {
    let buckets = bench.engine.compiled.plan.buckets
    if random.below(8) == 0, let bucket = buckets.first?.name {
      visible[bucket, default: []].append("k1")
      bench.begin(bucket: bucket, key: "k1")
    } else {
      bench.begin("f0")
    }
    while bench.queued.count + bench.running.count + bench.pauses.count > 0, bench.ended == nil {
      steps += 1
      try step()
    }
    // After the end, whatever still comes in must vanish without a word.
    for attempt in bench.running + stale.prefix(5) { late(attempt) }
  }

  private mutating func step() throws {
    switch random.below(20) {
    case 0...7:
      guard !bench.queued.isEmpty else { return }
      stale.append(try bench.start(bench.name(of: bench.queued[random.below(bench.queued.count)])))
    case 8...15:
      guard !bench.running.isEmpty else { return }
      commit(bench.running[random.below(bench.running.count)])
    case 16:
      guard !bench.running.isEmpty else { return }
      let attempt = bench.running[random.below(bench.running.count)]
      if random.below(4) == 0 {
        bench.giveBack(attempt)
      } else {
        bench.fail(attempt, isRetryable: random.below(20) > 0)
      }
    case 17, 18:
      if !bench.pauses.isEmpty { try bench.passPause() }
    default:
      if let attempt = stale.randomElement(using: &random), !bench.running.contains(attempt) { late(attempt) }
      if random.below(30) == 0 { bench.cancel() }
      if random.below(30) == 0 { bench.timeOut() }
    }
  }

  private mutating func commit(_ attempt: Attempt) {
    let function = bench.engine.compiled.plan.functions[attempt.function]
    var puts: [(bucket: String, key: String)] = []
    let allowed = function.outputs ?? []
    if !allowed.isEmpty, steps < 300 {
      for _ in 0..<random.below(4) {
        lastKey += 1
        let bucket = allowed[random.below(allowed.count)]
        let key = random.below(2) == 0 ? "k\(random.below(4))" : "u\(lastKey)"
        let isTaken =
          visible[bucket, default: []].contains(key) || puts.contains { $0.bucket == bucket && $0.key == key }
        // Most of the time each key is put once.
        if !isTaken || random.below(40) == 0 { puts.append((bucket, key)) }
      }
    }
    if random.below(200) == 0 { puts.append(("nowhere", "k")) }
    var announces: [String: [String]] = [:]
    let joins = bench.engine.compiled.announcements[attempt.function].map { bench.engine.compiled.triggers[$0].bucket }
    for bucket in Set(joins).sorted().map({ bench.engine.compiled.plan.buckets[$0] }) where random.below(2) == 0 {
      // Mostly what is there or comes in this commit, so that joins are completed now and then.
      let known = visible[bucket.name, default: []] + puts.filter { $0.bucket == bucket.name }.map(\.key)
      announces[bucket.name] = known.filter { _ in random.below(2) == 0 } + (random.below(6) == 0 ? ["k0"] : [])
    }
    let before = bench.engine.log.entries.count + bench.engine.log.dropped
    bench.commit(attempt, puts: puts, announces: announces, outputs: random.below(5) == 0 ? [""] : [])
    let news = bench.engine.log.entries.suffix(bench.engine.log.entries.count + bench.engine.log.dropped - before)
    let isCommitted = news.contains { if case .committed = $0.event { true } else { false } }
    guard isCommitted else { return }
    announced.append((function.name, announces))
    for put in puts { visible[put.bucket, default: []].append(put.key) }
  }

  /// A report that nobody waits for: everything it holds must come back.
  private mutating func late(_ attempt: Attempt) {
    let before = bench.held
    let trace = bench.engine.outputs.count
    bench.commit(attempt, puts: [("b0", "late\(steps)")], outputs: ["late"])
    if bench.held != before { bench.violations.append("a late report left \(bench.held.subtracting(before))") }
    if bench.engine.outputs.count != trace { bench.violations.append("a late report became visible") }
  }

  // MARK: - The model

  var joinsFired: Int {
    zip(bench.engine.compiled.triggers, bench.engine.triggers.map(\.firedCount)).reduce(0) { sum, pair in
      if case .dynamicJoin = pair.0.plan.primitive { sum + pair.1 } else { sum }
    }
  }

  /// For a session that ran to its end: how often each trigger must have fired, from nothing but what became visible.
  func modelObjections() -> [String] {
    guard let state = bench.ended?.state, state == .succeeded || state == .stalled else { return [] }
    var objections: [String] = []
    var mustStall = false
    for (trigger, fired) in zip(bench.engine.compiled.triggers, bench.engine.triggers.map(\.firedCount)) {
      let bucket = bench.engine.compiled.plan.buckets[trigger.bucket].name
      let keys = visible[bucket, default: []]
      var expected = 0
      switch trigger.plan.primitive {
      case .immediate: expected = keys.count
      case .byName(let names): expected = keys.count { names.contains($0) }
      case .bySet(let names):
        let present = names.count { keys.contains($0) }
        expected = present == names.count ? 1 : 0
        if present > 0, present < names.count { mustStall = true }
      case .dynamicJoin(let announcers):
        let commits = announced.filter { announcers.contains($0.function) }
        var wanted: [String] = []
        for key in commits.flatMap({ $0.commit[bucket] ?? [] }) where !wanted.contains(key) { wanted.append(key) }
        let isComplete = wanted.allSatisfy { keys.contains($0) }
        expected = !commits.isEmpty && isComplete ? 1 : 0
        if !isComplete { mustStall = true }
        let isFired = bench.firings.contains { $0.function == trigger.target && $0.inputs.map(\.key) == wanted }
        if expected == 1, !isFired { objections.append("\(trigger.name) did not fire on \(wanted)") }
      default: objections.append("\(trigger.name) is not known to the model")
      }
      if fired != expected { objections.append("\(trigger.name) fired \(fired) times, not \(expected)") }
    }
    if mustStall != (state == .stalled) { objections.append("\(state), but mustStall is \(mustStall)") }
    return objections
  }
}
