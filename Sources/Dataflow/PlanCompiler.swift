import FoundationEssentials

/// Turns the resources of a workflow into the plan that sidecars run, or says what is wrong with them.
package enum PlanCompiler {
  /// - Parameters:
  ///   - workflow: the name of the `Workflow`.
  ///   - buckets: its `Bucket`s by name.
  /// - Returns: the plan, unless a finding is an error; all the findings, those on fields before those on the graph.
  package static func compile(
    namespace: String, workflow: String, spec: WorkflowSpec, buckets: [String: BucketSpec]
  ) -> (plan: WorkflowPlan?, findings: [Finding]) {
    let ordered = named(buckets)
    var check = StaticCheck(workflow: workflow, spec: spec, buckets: ordered)
    check.run()
    guard !check.findings.contains(where: \.isError) else { return (nil, check.findings) }
    var plan = WorkflowPlan(
      namespace: namespace, workflow: workflow, entry: spec.entry,
      functions: spec.functions.map(compile(function:)),
      buckets: ordered.map(compile(bucket:)),
      sessionTimeout: DurationText.parse(spec.sessionTimeout) ?? .seconds(60),
      invocationLimit: spec.sessionLimits.invocations, restartLimit: spec.sessionLimits.restarts,
      retention: DurationText.parse(spec.retention) ?? .seconds(300),
      sharedMemory: Quantity.bytes(spec.sharedMemory) ?? 256 << 20,
      forwardAfter: DurationText.parse(spec.scheduling.forwardAfter) ?? .milliseconds(5),
      inlineContinuation: spec.scheduling.inlineContinuation ? nil : false)
    plan.revision = revision(of: plan)
    return (plan, check.findings)
  }

  static func named(_ buckets: [String: BucketSpec]) -> [NamedBucket] {
    buckets.sorted { $0.key < $1.key }.map { NamedBucket(name: $0.key, spec: $0.value) }
  }

  struct NamedBucket {
    var name: String
    var spec: BucketSpec
  }

  static func compile(function: FunctionSpec) -> FunctionPlan {
    let standard = RetryPlan()
    return FunctionPlan(
      name: function.name, outputs: function.outputs, calls: function.calls ?? [],
      timeout: function.timeout.flatMap(DurationText.parse),
      retry: RetryPlan(
        limit: function.retry?.limit ?? standard.limit,
        backoff: function.retry?.backoff.flatMap(DurationText.parse) ?? standard.backoff),
      publish: function.publish ?? .onCommit)
  }

  static func compile(bucket: NamedBucket) -> BucketPlan {
    BucketPlan(
      name: bucket.name,
      triggers: bucket.spec.triggers.compactMap { trigger in
        guard let primitive = trigger.primitives.first else { return nil }
        let recovery = trigger.recovery.flatMap { recovery in
          DurationText.parse(recovery.timeout).map {
            RecoveryPlan(source: recovery.source, timeout: $0, limit: recovery.limit ?? 3)
          }
        }
        return TriggerPlan(name: trigger.name, target: trigger.target, primitive, recovery: recovery)
      })
  }

  private static func revision(of plan: WorkflowPlan) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    var hash = StableHash()
    // A plan holds only strings, integers and lists, all of which JSON can hold.
    if let data = try? encoder.encode(plan) { hash.update(data) }
    return String(hash.finish().prefix(16))
  }
}
