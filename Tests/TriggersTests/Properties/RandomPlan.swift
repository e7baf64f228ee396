import Dataflow

/// Random workflows in which every primitive and every option occurs.
enum RandomPlan {
  /// Function i puts into bucket i, which fires function i + 1; more edges, calls and triggers come by chance. One plan in
  /// four may have cycles.
  static func make(seed: UInt64) -> WorkflowPlan {
    var random = SeededGenerator(seed: seed ^ 0xABCD)
    for attempt in 0..<100 {
      let shape = Shape(stages: 1 + random.below(4), mayCycle: random.below(4) == 0, isSimple: attempt > 80)
      let spec = WorkflowSpec(
        entry: "f0", functions: (0...shape.stages).map { function($0, shape, &random) },
        sessionLimits: .init(invocations: 10 + random.below(70), restarts: 0))
      let buckets = (0..<shape.stages).map { ("b\($0)", bucket($0, shape, &random)) }
      let compiled = PlanCompiler.compile(
        namespace: "n", workflow: "w", spec: spec, buckets: Dictionary(uniqueKeysWithValues: buckets))
      if let plan = compiled.plan { return plan }
    }
    return WorkflowPlan(namespace: "n", workflow: "w", entry: "f0", functions: [FunctionPlan(name: "f0")], buckets: [])
  }

  private struct Shape {
    var stages: Int
    var mayCycle: Bool
    var isSimple: Bool
  }

  private static func function(_ index: Int, _ shape: Shape, _ random: inout SeededGenerator) -> FunctionSpec {
    FunctionSpec(
      name: "f\(index)",
      outputs: (0..<shape.stages)
        .filter { $0 == index || ((shape.mayCycle || $0 > index) && random.below(3) == 0) }.map { "b\($0)" },
      calls: (0...shape.stages).filter { (shape.mayCycle || $0 > index) && random.below(6) == 0 }.map { "f\($0)" },
      retry: .init(limit: random.below(3), backoff: "10ms"),
      publish: random.below(4) == 0 ? .immediately : .onCommit)
  }

  private static func bucket(_ index: Int, _ shape: Shape, _ random: inout SeededGenerator) -> BucketSpec {
    let isRedundant = !shape.mayCycle && random.below(3) == 0
    let triggers = (0...random.below(3)).map { number in
      let ahead = index + 1 + random.below(shape.stages - index)
      return TriggerSpec(
        name: "t\(number)",
        target: "f\(number == 0 ? index + 1 : shape.mayCycle ? random.below(shape.stages + 1) : ahead)",
        isRedundant ? redundancy(&random) : primitive(index, shape, &random),
        recovery: random.below(4) == 0
          ? .init(source: "f\(index)", timeout: "50ms", limit: 1 + random.below(2)) : nil)
    }
    return BucketSpec(workflow: "w", triggers: triggers)
  }

  private static func primitive(_ index: Int, _ shape: Shape, _ random: inout SeededGenerator) -> Primitive {
    let upstream = Array(Set((0...random.below(2)).map { _ in "f\(random.below(index + 1))" })).sorted()
    switch random.below(shape.isSimple ? 5 : shape.mayCycle ? 6 : 14) {
    case 0: return .immediate
    case 1: return .byName(["green", "violet"])
    case 2: return .bySet(["yellow", "green"])
    case 3: return .byBatchSize(.init(count: 1 + random.below(3), scope: .session))
    case 4: return .byBatchSize(.init(count: 2))
    case 5: return .byTime(.init(window: "1s"))
    case 6, 7, 8: return redundancy(&random)
    case 9, 10: return .dynamicGroup(sources: upstream)
    default: return .dynamicJoin(announcedBy: upstream)
    }
  }

  private static func redundancy(_ random: inout SeededGenerator) -> Primitive {
    .redundant(.init(count: 2 + random.below(3), take: 1 + random.below(2)))
  }
}
