package import Dataflow

/// A plan with everything that the engine looks up while a session runs. Made once, shared by all sessions of the plan.
package final class CompiledPlan: Sendable {
  package let plan: WorkflowPlan
  package let graph: FlowGraph
  /// All triggers of the workflow, those of one bucket next to each other.
  let triggers: [Trigger]
  /// For each bucket the range of its triggers.
  let triggersOfBucket: [Range<Int>]
  /// For each function the buckets it may put into; nil means all.
  let allowedBuckets: [Set<Int>?]
  /// For each function the triggers that it announces for.
  let announcements: [[Int]]
  /// For each trigger how many components have to be closed before its announcers are through.
  let announcerComponents: [[Int]]

  struct Trigger: Sendable {
    var bucket: Int
    var plan: TriggerPlan
    var target: Int
    var initialState: PrimitiveState
    /// Bucket and trigger, such as `words/count-each`.
    var name: String
  }

  package init(_ plan: WorkflowPlan) {
    let graph = FlowGraph(functions: plan.functions, buckets: plan.buckets)
    var triggers: [Trigger] = []
    var ranges: [Range<Int>] = []
    for (index, bucket) in plan.buckets.enumerated() {
      let start = triggers.count
      for trigger in bucket.triggers {
        guard let target = graph.functionIndex[trigger.target], let state = PrimitiveState(trigger.primitive) else {
          continue
        }
        triggers.append(
          Trigger(
            bucket: index, plan: trigger, target: target, initialState: state, name: "\(bucket.name)/\(trigger.name)"))
      }
      ranges.append(start..<triggers.count)
    }
    var announcements = [[Int]](repeating: [], count: plan.functions.count)
    var announcerComponents = [[Int]](repeating: [], count: triggers.count)
    for (index, trigger) in triggers.enumerated() {
      guard case .dynamicJoin(let announcers) = trigger.plan.primitive else { continue }
      let functions = announcers.compactMap { graph.functionIndex[$0] }
      for function in functions { announcements[function].append(index) }
      announcerComponents[index] = Set(functions.map { graph.component[$0] }).sorted()
    }
    self.plan = plan
    self.graph = graph
    self.triggers = triggers
    triggersOfBucket = ranges
    allowedBuckets = plan.functions.map { function in
      function.outputs.map { Set($0.compactMap { graph.bucketIndex[$0].map { $0 - graph.functionCount } }) }
    }
    self.announcements = announcements
    self.announcerComponents = announcerComponents
  }

  /// Index of a function, or nil if there is none of that name.
  package func function(_ name: String) -> Int? { graph.functionIndex[name] }

  /// Index of a bucket among the plan's buckets.
  package func bucket(_ name: String) -> Int? { graph.bucketIndex[name].map { $0 - graph.functionCount } }

  func component(ofFunction index: Int) -> Int { graph.component[index] }
  func component(ofBucket index: Int) -> Int { graph.component[graph.functionCount + index] }
}
