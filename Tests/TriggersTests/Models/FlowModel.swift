import Dataflow

/// What can lead to what in a session, by name, followed step by step.
struct FlowModel {
  let plan: WorkflowPlan

  /// A way on from a function: by a call, or by a trigger of a bucket that it may put into.
  struct Edge {
    var bucket: String?
    var trigger: TriggerPlan?
    var target: String
  }

  func edges(of function: String) -> [Edge] {
    guard let declared = plan.functions.first(where: { $0.name == function }) else { return [] }
    let buckets = plan.buckets.filter { bucket in declared.outputs.map { $0.contains(bucket.name) } ?? true }
    return declared.calls.map { Edge(target: $0) }
      + buckets.flatMap { bucket in
        bucket.triggers.map { Edge(bucket: bucket.name, trigger: $0, target: $0.target) }
      }
  }

  /// All functions and buckets that data from any of the functions can come to in this session, those included.
  func reach(_ functions: some Sequence<String>) -> Set<String> {
    var reached = Set(functions.map { "function \($0)" })
    var frontier = Array(functions)
    while let function = frontier.popLast() {
      for bucket in plan.functions.first(where: { $0.name == function })?.outputs ?? plan.buckets.map(\.name) {
        reached.insert("bucket \(bucket)")
      }
      for edge in edges(of: function) where edge.trigger?.primitive.isWorkflowScoped != true {
        if reached.insert("function \(edge.target)").inserted { frontier.append(edge.target) }
      }
    }
    return reached
  }

  /// Where the paths from a function end: at redundant triggers, and whether also elsewhere.
  func ends(of function: String) -> (redundant: Set<String>, elsewhere: Bool) {
    var (redundant, elsewhere) = (Set<String>(), false)
    var seen: Set = [function]
    var frontier = [function]
    while let next = frontier.popLast() {
      let edges = edges(of: next)
      if edges.isEmpty { elsewhere = true }
      for edge in edges {
        if let bucket = edge.bucket, let trigger = edge.trigger, case .redundant = trigger.primitive {
          redundant.insert("\(bucket)/\(trigger.name)")
        } else if edge.trigger?.primitive.isWorkflowScoped == true {
          elsewhere = true
        } else if seen.insert(edge.target).inserted {
          frontier.append(edge.target)
        }
      }
    }
    return (redundant, elsewhere)
  }

  /// Where the paths of an object in the bucket end, as far as these are redundant triggers.
  func ends(ofBucket bucket: String) -> Set<String> {
    (plan.buckets.first { $0.name == bucket }?.triggers ?? []).reduce(into: []) { ends, trigger in
      if case .redundant = trigger.primitive {
        ends.insert("\(bucket)/\(trigger.name)")
      } else if !trigger.primitive.isWorkflowScoped {
        ends.formUnion(self.ends(of: trigger.target).redundant)
      }
    }
  }

  /// Functions all of whose paths end at redundant triggers that have fired.
  func superfluous(fired: Set<String>) -> Set<String> {
    Set(
      plan.functions.map(\.name).filter { function in
        let ends = ends(of: function)
        return !ends.elsewhere && !ends.redundant.isEmpty && ends.redundant.isSubset(of: fired)
      })
  }
}
