import Dataflow

/// Random workflows that the static check accepts: mostly forward edges, so that much of a graph closes behind what has
/// run, and now and then a cycle.
struct PlanGenerator {
  private(set) var spec: WorkflowSpec
  private(set) var buckets: [String: BucketSpec]
  private(set) var plan: WorkflowPlan
  private var lastName = 0
  private let mayCycle: Bool

  init(_ tape: inout Tape, sharedMemory: Int) {
    let bucketCount = 1 + tape.below(4)
    let mayCycle = tape.once(in: 4)
    let streams = tape.once(in: 4)
    self.mayCycle = mayCycle
    let functions = (0...bucketCount).map { Self.function($0, of: bucketCount, mayCycle, streams, &tape) }
    spec = WorkflowSpec(
      entry: "f0", functions: functions,
      sessionTimeout: ["60s", "3s", "20s", "10m"][tape.below(4)],
      sessionLimits: .init(invocations: 20 + 20 * tape.below(6), restarts: 0),
      retention: ["5m", "1s", "20s"][tape.below(3)], sharedMemory: "\(sharedMemory)")
    buckets = [:]
    plan = WorkflowPlan(namespace: "n", workflow: "w", entry: "f0", functions: [], buckets: [])
    for index in 0..<bucketCount {
      // Function i puts into bucket i, which fires function i + 1; so every function is reached.
      buckets["b\(index)"] = BucketSpec(
        workflow: "w",
        triggers: [Self.trigger("t0", onto: index + 1, bucket: index, spec.functions, &tape)])
    }
    for index in 0..<bucketCount {
      for _ in 0..<tape.below(3) { addTrigger(to: "b\(index)", &tape) }
    }
    if let compiled = Self.compile(spec, buckets) {
      plan = compiled
      return
    }
    // Whatever was wrong with a first trigger, `immediate` is right.
    for index in 0..<bucketCount {
      buckets["b\(index)"] = BucketSpec(
        workflow: "w", triggers: [TriggerSpec(name: "t0", target: "f\(index + 1)", .immediate)])
    }
    if let compiled = Self.compile(spec, buckets) { plan = compiled }
  }

  /// Changes something, if the static check has nothing against it.
  mutating func change(_ tape: inout Tape) {
    let names = buckets.keys.sorted()
    guard let name = tape.element(of: names) else { return }
    var (newSpec, newBuckets) = (spec, buckets)
    switch tape.below(5) {
    case 0: return addTrigger(to: name, &tape)
    case 1:
      guard let count = newBuckets[name]?.triggers.count, count > 0 else { return }
      newBuckets[name]?.triggers.remove(at: tape.below(count))
    case 2:
      newBuckets[name] = nil
      for index in newSpec.functions.indices { newSpec.functions[index].outputs?.removeAll { $0 == name } }
    case 3:
      lastName += 1
      newBuckets["n\(lastName)"] = BucketSpec(
        workflow: "w", triggers: [TriggerSpec(name: "t", target: spec.functions.last?.name ?? "f0", .immediate)])
      newSpec.functions[tape.below(newSpec.functions.count)].outputs?.append("n\(lastName)")
    default:
      newSpec.retention = ["2m", "2s"][tape.below(2)]
    }
    adopt(newSpec, newBuckets)
  }

  private mutating func addTrigger(to bucket: String, _ tape: inout Tape) {
    guard let index = Int(bucket.dropFirst()), bucket.hasPrefix("b"), let list = buckets[bucket]?.triggers else {
      return
    }
    let count = spec.functions.count - 1
    let target = mayCycle ? tape.below(count + 1) : index + 1 + tape.below(max(1, count - index))
    lastName += 1
    let name = "t\(list.count)x\(lastName)"
    let trigger = Self.trigger(name, onto: target, bucket: index, spec.functions, &tape)
    var changed = buckets
    changed[bucket]?.triggers.append(trigger)
    adopt(spec, changed)
  }

  private mutating func adopt(_ newSpec: WorkflowSpec, _ newBuckets: [String: BucketSpec]) {
    guard let compiled = Self.compile(newSpec, newBuckets), Self.isClear(compiled) else { return }
    (spec, buckets, plan) = (newSpec, newBuckets, compiled)
  }

  private static func compile(_ spec: WorkflowSpec, _ buckets: [String: BucketSpec]) -> WorkflowPlan? {
    PlanCompiler.compile(namespace: "n", workflow: "w", spec: spec, buckets: buckets).plan
  }

  private static func function(
    _ index: Int, of count: Int, _ mayCycle: Bool, _ streams: Bool, _ tape: inout Tape
  ) -> FunctionSpec {
    FunctionSpec(
      name: "f\(index)",
      outputs: (0..<count).filter { $0 == index || ((mayCycle || $0 > index) && tape.once(in: 3)) }.map { "b\($0)" },
      calls: index < count && tape.once(in: 5) ? ["f\(index + 1)"] : nil,
      timeout: [nil, "1s", "10s"][tape.below(3)],
      retry: .init(limit: [3, 0, 1][tape.below(3)], backoff: ["10ms", "0s", "1s"][tape.below(3)]),
      publish: streams && tape.once(in: 3) ? .immediately : nil)
  }

  private static func trigger(
    _ name: String, onto target: Int, bucket: Int, _ functions: [FunctionSpec], _ tape: inout Tape
  ) -> TriggerSpec {
    let primitive: Primitive
    switch tape.below(12) {
    case 0...2: primitive = .immediate
    case 3: primitive = .byName(["k1", "k3"])
    case 4, 5: primitive = .bySet(["k2", "k1"])
    case 6, 7: primitive = .dynamicJoin(announcedBy: (0...tape.below(2)).map { _ in "f\(tape.below(bucket + 1))" })
    case 8:
      let take = 1 + tape.below(3)
      primitive = .redundant(.init(count: take + tape.below(3), take: take))
    case 9:
      // All that put there, so that nothing comes late.
      let sources = functions.filter { $0.outputs?.contains("b\(bucket)") == true }
      primitive = .dynamicGroup(sources: sources.map(\.name))
    case 10: primitive = .byBatchSize(.init(count: 1 + tape.below(4), scope: .session))
    default:
      primitive =
        tape.below(2) == 0
        ? .byBatchSize(.init(count: 1 + tape.below(4), maxWait: ["2s", nil][tape.below(2)]))
        : .byTime(.init(window: ["1s", "10s"][tape.below(2)], fireEmpty: tape.once(in: 4)))
    }
    let recovery =
      tape.once(in: 5)
      ? TriggerSpec.Recovery(source: "f\(bucket)", timeout: ["200ms", "2s"][tape.below(2)], limit: 1 + tape.below(3))
      : nil
    return TriggerSpec(name: name, target: "f\(target)", primitive, recovery: recovery)
  }

  /// Whether each firing can be told from its function and its inputs: of the triggers whose inputs depend on when something
  /// closed, a bucket has at most one for each target.
  private static func isClear(_ plan: WorkflowPlan) -> Bool {
    plan.buckets.allSatisfy { bucket in
      let fluid = bucket.triggers.filter { trigger in
        switch trigger.primitive {
        case .dynamicGroup, .byBatchSize, .byTime: true
        case .immediate, .byName, .bySet, .dynamicJoin, .redundant: false
        }
      }
      return Set(fluid.map(\.target)).count == fluid.count
    }
  }
}
