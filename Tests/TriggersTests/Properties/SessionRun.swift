import Dataflow

@testable import Triggers

/// A session of a random plan, played by steps, beside its model.
struct SessionRun {
  var bench: EngineBench
  var model: SessionModel
  /// Attempts that were started, for reports that come too late.
  var started: [Attempt] = []
  var committed: Set<Int> = []
  var failures: [Int: Int] = [:]
  var published: [Int: Set<[String]>] = [:]
  var functionOf: [Int: String] = [:]
  /// The event in which each firing was first seen, its function and its inputs.
  var seen: [String: (event: Int, function: String, handles: [UInt64])] = [:]
  private var lastKey = 0
  var endedIn: Int?
  var objections: [String] = []

  init(plan: WorkflowPlan, session: String) {
    bench = EngineBench(plan, session: session)
    model = SessionModel(plan, session: session)
  }

  mutating func play(_ steps: [SessionStep], entersBucket: Bool) {
    begin(entersBucket: entersBucket)
    for step in steps where bench.ended == nil { take(step) }
    // Whatever is left is done without putting anything, so that every session comes to its end.
    while bench.ended == nil {
      if let attempt = bench.running.first {
        commit(attempt, Commit())
      } else if !bench.queued.isEmpty {
        start(0)
      } else if !bench.pauses.isEmpty {
        observe { $0.passPause(0) }
      } else {
        objections.append("nothing lives, but the session has not ended")
        break
      }
    }
    for attempt in bench.running + started.prefix(4) { late(attempt) }
    objections += bench.violations + model.objections + firingObjections() + outcomeObjections()
  }

  private mutating func begin(entersBucket: Bool) {
    let plan = bench.engine.compiled.plan
    if entersBucket, let bucket = plan.buckets.first?.name {
      let handle = bench.handle()
      model.became(visible: .init(bucket: bucket, key: "green", handle: handle), by: -1, now: bench.now)
      observe { $0.apply(.enteredBucket(bucket: 0, key: "green", group: nil, payload: handle)) }
    } else {
      let handle = bench.handle()
      let firing = StableHash.of("entry", bench.engine.session, "f0")
      model.direct.append(.init(id: firing, rule: "entry", function: "f0", event: 0, handles: [handle]))
      observe { $0.apply(.requested(function: 0, payload: handle)) }
    }
  }

  private mutating func take(_ step: SessionStep) {
    var random = SeededGenerator(seed: step.choice)
    let running = bench.running.isEmpty ? nil : bench.running[random.below(bench.running.count)]
    switch step.kind {
    case .start: if !bench.queued.isEmpty { start(random.below(bench.queued.count)) }
    case .commit: if let running { commit(running, randomCommit(running, &random)) }
    case .publish: if let running { publish(running, &random) }
    case .fail: if let running { fail(running, isRetryable: random.below(8) > 0) }
    case .giveBack: if let running { observe { $0.giveBack(running) } }
    case .retryDue: if !bench.pauses.isEmpty { observe { $0.passPause(random.below($0.pauses.count)) } }
    case .recoveryDue: if !bench.recoveries.isEmpty { observe { $0.passRecovery(random.below($0.recoveries.count)) } }
    case .lateReport:
      if let attempt = started.randomElement(using: &random), !bench.running.contains(attempt) { late(attempt) }
    case .cancel: observe { $0.cancel() }
    case .timeOut: observe { $0.timeOut() }
    }
  }

  // MARK: - Steps

  private mutating func start(_ index: Int) {
    let attempt = bench.queued[index]
    started.append(attempt)
    observe { $0.start(at: index) }
  }

  private mutating func commit(_ attempt: Attempt, _ commit: Commit) {
    let (function, invocation) = (name(attempt), attempt.invocation)
    if isRefused(commit, by: attempt) {
      model.lost(function, invocation)
    } else {
      committed.insert(invocation)
      model.announced(commit.announcements, by: function, now: bench.now)
      for put in commit.puts { model.became(visible: put, by: invocation, now: bench.now) }
      for (index, call) in commit.calls.enumerated() {
        model.direct.append(
          .init(
            id: StableHash.of("call", attempt.firing.text, String(index)), rule: "call", function: call.function,
            event: model.event, handles: [call.handle]))
      }
    }
    observe { $0.commit(attempt, commit) }
  }

  private mutating func publish(_ attempt: Attempt, _ random: inout SeededGenerator) {
    let function = bench.engine.compiled.plan.functions[attempt.function]
    guard function.publish == .immediately else { return }
    // Attempts of one invocation put the same objects, so that most of a second one's are there already.
    let known = published[attempt.invocation]?.sorted { $0.lexicographicallyPrecedes($1) } ?? []
    let again = known.isEmpty || random.below(3) > 0 ? nil : known[random.below(known.count)]
    let repeated = again.map { Commit.Put(bucket: $0[0], key: Label($0[1]), handle: bench.handle()) }
    guard let put = repeated ?? randomPut(attempt, function, &random) else { return }
    let place = [put.bucket, put.key.text]
    if isTaken(put, by: attempt) {
      model.lost(function.name, attempt.invocation)
    } else if published[attempt.invocation, default: []].insert(place).inserted {
      model.became(visible: put, by: attempt.invocation, now: bench.now)
    }
    observe {
      $0.apply(.objectPublished(invocation: attempt.invocation, attempt: attempt.attempt, put))
    }
  }

  private mutating func fail(_ attempt: Attempt, isRetryable: Bool) {
    failures[attempt.invocation, default: 0] += 1
    let others = (bench.queued + bench.running).contains { $0.invocation == attempt.invocation && $0 != attempt }
    let limit = bench.engine.compiled.plan.functions[attempt.function].retry.limit
    let isLast = !isRetryable || (!others && failures[attempt.invocation, default: 0] > limit)
    if isLast { model.lost(name(attempt), attempt.invocation) }
    observe { $0.fail(attempt, isRetryable: isRetryable) }
  }

  /// A report that nobody waits for: everything it brings must come back.
  private mutating func late(_ attempt: Attempt) {
    let (held, outputs) = (bench.held, bench.engine.outputs.count)
    let commit = Commit(
      puts: [.init(bucket: "b0", key: "late", handle: bench.handle())], outputs: [.init(handle: bench.handle())])
    observe { $0.commit(attempt, commit) }
    if bench.held != held { objections.append("a late report left \(bench.held.subtracting(held))") }
    if bench.engine.outputs.count != outputs { objections.append("a late report's output counts") }
  }

  // MARK: - Random content

  private mutating func randomCommit(_ attempt: Attempt, _ random: inout SeededGenerator) -> Commit {
    let function = bench.engine.compiled.plan.functions[attempt.function]
    var commit = Commit()
    for _ in 0..<1 + random.below(5) where function.publish == .onCommit {
      if let put = randomPut(attempt, function, &random, beside: commit.puts) { commit.puts.append(put) }
    }
    if random.below(300) == 0 { commit.puts.append(.init(bucket: "nowhere", key: "k", handle: bench.handle())) }
    for callee in function.calls where random.below(3) == 0 {
      commit.calls.append(.init(function: callee, key: "c", handle: bench.handle()))
    }
    for bucket in bench.engine.compiled.plan.buckets where random.below(2) == 0 {
      let isAnnouncer = bucket.triggers.contains {
        if case .dynamicJoin(let announcers) = $0.primitive { announcers.contains(function.name) } else { false }
      }
      guard isAnnouncer else { continue }
      // Mostly what is there or comes in this commit, so that joins are completed now and then.
      let known = model.keys(in: bucket.name) + commit.puts.filter { $0.bucket == bucket.name }.map(\.key.text)
      let keys = known.filter { _ in random.below(2) == 0 } + (random.below(6) == 0 ? ["red"] : [])
      commit.announcements.append(.init(bucket: bucket.name, keys: keys))
    }
    if random.below(5) == 0 { commit.outputs.append(.init(handle: bench.handle())) }
    return commit
  }

  private mutating func randomPut(
    _ attempt: Attempt, _ function: FunctionPlan, _ random: inout SeededGenerator, beside puts: [Commit.Put] = []
  ) -> Commit.Put? {
    let allowed = function.outputs ?? bench.engine.compiled.plan.buckets.map(\.name)
    guard !allowed.isEmpty else { return nil }
    let bucket = allowed[random.below(allowed.count)]
    lastKey += 1
    let key =
      switch random.below(6) {
      case 0: "u\(lastKey)"
      case 1: DefaultKey.make(firing: attempt.firing, index: lastKey).text
      case 2: Telling.keys[random.below(Telling.keys.count)]
      default: ["red", "green", "yellow", "violet"][random.below(4)]
      }
    // Most of the time each key is put once.
    let isTaken = model.has(key, in: bucket) || puts.contains { $0.bucket == bucket && $0.key.text == key }
    guard !isTaken || random.below(30) == 0 else { return nil }
    let group = random.below(3) == 0 ? "g" : nil
    return Commit.Put(bucket: bucket, key: Label(key), group: group, handle: bench.handle())
  }
}
