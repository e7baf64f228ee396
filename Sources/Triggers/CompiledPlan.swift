package import Dataflow

/// A plan with everything that the engine looks up while a session runs. Made once, shared by all sessions of the plan.
package final class CompiledPlan: Sendable {
  package let plan: WorkflowPlan
  package let graph: FlowGraph
  /// All triggers of the workflow, those of one bucket next to each other.
  package let triggers: [Trigger]
  /// For each bucket the range of its triggers.
  let triggersOfBucket: [Range<Int>]
  /// For each function which buckets it may put into; nil means all.
  let allowedBuckets: [[Bool]?]
  /// For each function which functions it may send to.
  let allowedCalls: [[Bool]]
  /// For each function the joins that it announces for.
  let announcements: [[Int]]
  /// For each trigger how many components have to be closed before the stage that it waits for is over.
  let stageLengths: [Int]
  /// For each component the triggers whose stage it is part of.
  let stagesOfComponent: [[Int]]
  /// For each component the triggers of its buckets that closing concerns, in the order in which it asks them: by bucket,
  /// then by name.
  let triggersOfComponent: [[Int]]
  /// For each component whether its end is nothing to any trigger.
  let isIndifferent: [Bool]
  /// For each function when a trigger wants a second attempt of it, and how many at most.
  let recoveries: [RecoveryPlan?]
  let redundancy: Redundancy
  /// What is read of each trigger on the path of every object.
  let rules: ContiguousArray<Rule>
  /// How the parts of a session are at its beginning.
  let start: Start
  private let functionNames: NameTable
  private let bucketNames: NameTable

  /// Numbers only, so that to read them costs nothing else.
  struct Rule: Sendable {
    var target: Int
    var isWorkflowScoped: Bool
    var isRedundant: Bool
    /// What its firings begin with.
    var firing: FiringID
  }

  struct Start: Sendable {
    var triggers: ContiguousArray<SessionEngine.TriggerProgress>
    var producers: [[Label: InvocationName]]
    var invocationsOfFunction: [Int32]
    var closing: ClosingFrontier
  }

  package struct Trigger: Sendable {
    package var bucket: Int
    package var plan: TriggerPlan
    package var target: Int
    /// Bucket and trigger, such as `words/count-each`.
    package var name: String
    var initialState: PrimitiveState
    package var isWorkflowScoped: Bool
  }

  package init(_ plan: WorkflowPlan) {
    let graph = FlowGraph(functions: plan.functions, buckets: plan.buckets)
    var triggers: [Trigger] = []
    var ranges: [Range<Int>] = []
    for (index, bucket) in plan.buckets.enumerated() {
      let start = triggers.count
      for trigger in bucket.triggers {
        guard let target = graph.functionIndex[trigger.target] else { continue }
        triggers.append(
          Trigger(
            bucket: index, plan: trigger, target: target, name: "\(bucket.name)/\(trigger.name)",
            initialState: PrimitiveState(trigger.primitive, sessionTimeout: plan.sessionTimeout),
            isWorkflowScoped: trigger.primitive.isWorkflowScoped))
      }
      ranges.append(start..<triggers.count)
    }
    self.plan = plan
    self.graph = graph
    self.triggers = triggers
    triggersOfBucket = ranges
    allowedBuckets = plan.functions.map { function in
      function.outputs.map { outputs in plan.buckets.map { outputs.contains($0.name) } }
    }
    allowedCalls = plan.functions.map { function in plan.functions.map { function.calls.contains($0.name) } }
    announcements = Self.announcements(of: triggers, in: graph)
    let stages = triggers.map { Self.stage(of: $0, in: graph) }
    stageLengths = stages.map(\.count)
    stagesOfComponent = (0..<graph.componentCount).map { component in
      stages.indices.filter { stages[$0].contains(component) }
    }
    triggersOfComponent = (0..<graph.componentCount).map { component in
      triggers.indices.filter {
        !triggers[$0].isWorkflowScoped && !triggers[$0].initialState.isIndifferent
          && graph.component[graph.functionCount + triggers[$0].bucket] == component
      }.sorted { triggers[$0].name < triggers[$1].name }
    }
    isIndifferent = (0..<graph.componentCount).map { [stagesOfComponent, triggersOfComponent] component in
      stagesOfComponent[component].isEmpty && triggersOfComponent[component].isEmpty
    }
    recoveries = plan.functions.map { Self.recovery(of: $0.name, by: triggers) }
    redundancy = Redundancy(triggers: triggers, graph: graph)
    rules = ContiguousArray(triggers.map { Rule($0) })
    start = Start(
      triggers: ContiguousArray(triggers.map { .init(state: $0.initialState) }),
      producers: [[Label: InvocationName]](repeating: [:], count: plan.buckets.count),
      invocationsOfFunction: [Int32](repeating: 0, count: plan.functions.count),
      closing: ClosingFrontier(graph: graph))
    functionNames = NameTable(plan.functions.map(\.name))
    bucketNames = NameTable(plan.buckets.map(\.name))
  }

  /// Index of a function, or nil if there is none of that name.
  package func function(_ name: String) -> Int? { functionNames.number(of: name) }

  /// Index of a bucket among the plan's buckets.
  package func bucket(_ name: String) -> Int? { bucketNames.number(of: name) }

  /// Whether a trigger wants a second attempt of the function when it takes long.
  package func isWatched(function: Int) -> Bool { recoveries[function] != nil }

  func component(ofFunction index: Int) -> Int { graph.component[index] }

  private static func announcements(of triggers: [Trigger], in graph: FlowGraph) -> [[Int]] {
    var announcements = [[Int]](repeating: [], count: graph.functionCount)
    for (index, trigger) in triggers.enumerated() {
      guard case .dynamicJoin(let announcers) = trigger.plan.primitive else { continue }
      for function in Set(announcers.compactMap { graph.functionIndex[$0] }) { announcements[function].append(index) }
    }
    return announcements
  }

  /// The components that have to close before the trigger's stage is over.
  private static func stage(of trigger: Trigger, in graph: FlowGraph) -> Set<Int> {
    Set(trigger.plan.primitive.upstreamFunctions.compactMap { graph.functionIndex[$0].map { graph.component[$0] } })
  }

  /// The most impatient of the triggers that watch over the function.
  private static func recovery(of function: String, by triggers: [Trigger]) -> RecoveryPlan? {
    triggers.compactMap(\.plan.recovery).filter { $0.source == function }.min { $0.timeout < $1.timeout }
  }
}

extension CompiledPlan.Rule {
  fileprivate init(_ trigger: CompiledPlan.Trigger) {
    var isRedundant = false
    if case .redundant = trigger.plan.primitive { isRedundant = true }
    self.init(
      target: trigger.target, isWorkflowScoped: trigger.isWorkflowScoped, isRedundant: isRedundant,
      firing: FiringID(trigger: trigger.name))
  }
}
