extension PlanCompiler {
  /// What a schema has against a resource already; the check is told, so that it draws no conclusions from it.
  package struct SchemaDoubts {
    fileprivate var doubts = StaticCheck.Doubts()

    package init() {}

    /// A function of the workflow is not as it was meant.
    package mutating func add(function index: Int) { doubts.functions.insert(index) }

    /// A trigger is not as it was meant.
    package mutating func add(trigger index: Int, of bucket: String) {
      doubts.buckets.insert(bucket)
      doubts.triggers[bucket, default: []].insert(index)
    }

    /// A bucket exists, but not all of its triggers can be known.
    package mutating func add(bucket: String) { doubts.buckets.insert(bucket) }
  }

  /// The findings alone, also where some of the resources cannot be read.
  ///
  /// - Parameters:
  ///   - spec: nil checks each bucket by itself.
  ///   - buckets: those that can be read, by name.
  package static func findings(
    workflow: String, spec: WorkflowSpec?, buckets: [String: BucketSpec], doubts: SchemaDoubts = SchemaDoubts()
  ) -> [Finding] {
    var buckets = buckets
    for name in doubts.doubts.buckets where buckets[name] == nil {
      buckets[name] = BucketSpec(workflow: workflow, triggers: [])
    }
    var check = StaticCheck(workflow: workflow, spec: spec, buckets: named(buckets), doubts: doubts.doubts)
    check.run()
    return check.findings
  }
}
