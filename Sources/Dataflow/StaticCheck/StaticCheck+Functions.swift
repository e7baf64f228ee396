// The functions of a workflow, each by itself, and the names that they and others mention.
extension StaticCheck {
  mutating func checkFunctions(_ spec: WorkflowSpec) {
    if spec.functions.isEmpty {
      return report("spec.functions", "a workflow has at least one function", "list the functions that its image hosts")
    }
    if spec.functions.count > ResourceBounds.functions {
      report(
        "spec.functions", "a workflow has at most \(ResourceBounds.functions) functions, not \(spec.functions.count)",
        "divide it into several workflows")
    }
    var seen: Set<String> = []
    for (index, function) in spec.functions.enumerated() {
      let field = "spec.functions[\(index)]"
      checkLabel("\(field).name", function.name, of: "function")
      if !seen.insert(function.name).inserted {
        report("\(field).name", "there are two functions \"\(function.name)\"", "rename or remove one of them")
      }
      checkDestinations(of: function, field)
      checkDuration("\(field).timeout", function.timeout)
      checkNumber("\(field).retry.limit", function.retry?.limit, in: ResourceBounds.retries)
      checkDuration("\(field).retry.backoff", function.retry?.backoff, allowsZero: true)
    }
    if !knownFunctions.contains(spec.entry) {
      report(
        "spec.entry", "entry must name one of spec.functions, and \"\(spec.entry)\" is none",
        remedy(for: spec.entry, among: functionNames, kind: "function"))
    }
  }

  private mutating func checkDestinations(of function: FunctionSpec, _ field: String) {
    let (outputs, calls) = (function.outputs ?? [], function.calls ?? [])
    checkSet("\(field).outputs", outputs, atMost: ResourceBounds.outputs)
    for (position, output) in outputs.enumerated() where !isFull && !knownBuckets.contains(output) {
      report(
        "\(field).outputs[\(position)]", "no bucket of this workflow is called \"\(output)\"",
        remedy(for: output, among: bucketNames, kind: "Bucket"))
    }
    checkSet("\(field).calls", calls, atMost: ResourceBounds.calls)
    for (position, callee) in calls.enumerated() { checkFunctionName("\(field).calls[\(position)]", callee) }
  }

  mutating func checkFunctionName(_ field: String, bucket: String? = nil, _ name: String) {
    // Without any function that is the mistake, and it is told elsewhere.
    guard !functions.isEmpty, !isFull, !knownFunctions.contains(name) else { return }
    report(
      field, bucket: bucket, "workflow \"\(workflow)\" has no function \"\(name)\"",
      remedy(for: name, among: functionNames, kind: "function"))
  }
}
