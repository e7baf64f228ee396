import Dataflow

/// What the generated workflows use.
enum Vocabulary {
  static let hasCalls = false
  static let hasStreaming = false
  static let hasRecovery = false

  static func knows(_ primitive: Primitive) -> Bool {
    switch primitive {
    case .immediate, .byName, .bySet, .dynamicJoin: true
    case .redundant, .dynamicGroup, .byBatchSize, .byTime: false
    }
  }

  /// Whether each firing can be told from its function and its inputs: of the triggers whose inputs depend on when something
  /// closed, a bucket has at most one for each target.
  static func isClear(_ plan: WorkflowPlan) -> Bool {
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
