/// Finds what a schema cannot see: names that lead nowhere, functions that nothing reaches, joins that could never be decided.
struct StaticCheck {
  let workflow: String
  let spec: WorkflowSpec
  let buckets: [PlanCompiler.NamedBucket]
  private(set) var findings: [Finding] = []

  init(workflow: String, spec: WorkflowSpec, buckets: [PlanCompiler.NamedBucket]) {
    self.workflow = workflow
    self.spec = spec
    self.buckets = buckets
  }

  private var functionNames: [String] { spec.functions.map(\.name) }
  private var bucketNames: [String] { buckets.map(\.name) }

  mutating func run() {
    checkValues()
    checkFunctions()
    for bucket in buckets { checkTriggers(of: bucket) }
    // The graph means something only when every name in it leads somewhere.
    if findings.isEmpty { checkGraph() }
  }

  mutating func report(_ field: String, bucket: String? = nil, _ message: String, _ remedy: String) {
    let resource = bucket.map { "Bucket/\($0)" } ?? "Workflow/\(workflow)"
    findings.append(Finding(resource: resource, field: field, message: message, remedy: remedy))
  }

  // MARK: - Values

  private mutating func checkValues() {
    checkDuration("spec.sessionTimeout", spec.sessionTimeout)
    checkDuration("spec.retention", spec.retention, allowsZero: true)
    checkDuration("spec.scheduling.forwardAfter", spec.scheduling.forwardAfter, allowsZero: true)
    if spec.executors < 1 {
      report("spec.executors", "a container offers at least one executor, not \(spec.executors)", "set it to 1 or more")
    }
    if let bytes = Quantity.bytes(spec.sharedMemory) {
      if bytes <= 0 { report("spec.sharedMemory", "sharedMemory must be greater than zero", "for example 256Mi") }
    } else {
      report("spec.sharedMemory", "\"\(spec.sharedMemory)\" is no quantity", "write bytes with a unit, such as 256Mi")
    }
  }

  private mutating func checkDuration(
    _ field: String, bucket: String? = nil, _ text: String?, allowsZero: Bool = false
  ) {
    guard let text else { return }
    guard let duration = DurationText.parse(text) else {
      return report(field, bucket: bucket, "\"\(text)\" is no duration", "write a number with a unit, such as 200ms")
    }
    if duration < .zero || (duration == .zero && !allowsZero) {
      let name = field.split(separator: ".").last ?? ""
      report(field, bucket: bucket, "\(name) must be greater than zero", "write a longer duration, such as 10s")
    }
  }

  // MARK: - Functions

  private mutating func checkFunctions() {
    if spec.functions.isEmpty {
      return report("spec.functions", "a workflow has at least one function", "list the functions that its image hosts")
    }
    var seen: Set<String> = []
    for (index, function) in spec.functions.enumerated() {
      let field = "spec.functions[\(index)]"
      if !seen.insert(function.name).inserted {
        report("\(field).name", "there are two functions \"\(function.name)\"", "rename or remove one of them")
      }
      for (position, output) in (function.outputs ?? []).enumerated() where !bucketNames.contains(output) {
        report(
          "\(field).outputs[\(position)]", "no bucket of this workflow is called \"\(output)\"",
          remedy(for: output, among: bucketNames, kind: "Bucket"))
      }
      for (position, callee) in (function.calls ?? []).enumerated() {
        checkFunctionName("\(field).calls[\(position)]", callee)
      }
      checkDuration("\(field).timeout", function.timeout)
      checkDuration("\(field).retry.backoff", function.retry?.backoff, allowsZero: true)
    }
    if !functionNames.contains(spec.entry) {
      report(
        "spec.entry", "entry must name one of spec.functions, and \"\(spec.entry)\" is none",
        remedy(for: spec.entry, among: functionNames, kind: "function"))
    }
  }

  // MARK: - Triggers

  private mutating func checkTriggers(of bucket: PlanCompiler.NamedBucket) {
    var seen: Set<String> = []
    for (index, trigger) in bucket.spec.triggers.enumerated() {
      let field = "spec.triggers[\(index)]"
      if !seen.insert(trigger.name).inserted {
        report(
          "\(field).name", bucket: bucket.name, "there are two triggers \"\(trigger.name)\"",
          "rename or remove one of them"
        )
      }
      checkFunctionName("\(field).target", bucket: bucket.name, trigger.target)
      guard trigger.primitives.count == 1, let primitive = trigger.primitives.first else {
        let names = trigger.primitives.map(\.fieldName).joined(separator: ", ")
        report(
          field, bucket: bucket.name,
          "a trigger has exactly one primitive, and \"\(trigger.name)\" has \(names.isEmpty ? "none" : names)",
          names.isEmpty ? "add one, such as `immediate: {}`" : "split it into one trigger for each")
        continue
      }
      checkPrimitive(primitive, field: "\(field).\(primitive.fieldName)", bucket: bucket.name)
      if let recovery = trigger.recovery {
        checkFunctionName("\(field).recovery.source", bucket: bucket.name, recovery.source)
        checkDuration("\(field).recovery.timeout", bucket: bucket.name, recovery.timeout)
      }
    }
  }

  private mutating func checkPrimitive(_ primitive: Primitive, field: String, bucket: String) {
    switch primitive {
    case .immediate: break
    case .byName(let names), .bySet(let names):
      if names.isEmpty {
        report("\(field).names", bucket: bucket, "the list of names is empty", "name at least one key")
      }
      if Set(names).count < names.count {
        report("\(field).names", bucket: bucket, "a name stands twice in the list", "remove the second one")
      }
    case .dynamicJoin(let announcers):
      if announcers.isEmpty {
        report(
          "\(field).announcedBy", bucket: bucket, "nobody announces the join", "name the functions that call expect")
      }
      for (index, announcer) in announcers.enumerated() {
        checkFunctionName("\(field).announcedBy[\(index)]", bucket: bucket, announcer)
      }
    case .byBatchSize(let batch):
      if batch.count < 1 {
        report("\(field).count", bucket: bucket, "a batch has at least one object", "set it to 1 or more")
      }
      checkDuration("\(field).maxWait", bucket: bucket, batch.maxWait)
    case .byTime(let window):
      checkDuration("\(field).window", bucket: bucket, window.window)
    case .redundant(let redundancy):
      if redundancy.count < 1 || redundancy.take < 1 {
        report(field, bucket: bucket, "count and take are at least 1", "for example {count: 3, take: 2}")
      } else if redundancy.take > redundancy.count {
        report("\(field).take", bucket: bucket, "take must not be greater than count", "take as many as count or fewer")
      }
    case .dynamicGroup(let sources):
      if sources.isEmpty {
        report("\(field).sources", bucket: bucket, "no stage ends the groups", "name the functions that fill them")
      }
      for (index, source) in sources.enumerated() {
        checkFunctionName("\(field).sources[\(index)]", bucket: bucket, source)
      }
    }
  }

  private mutating func checkFunctionName(_ field: String, bucket: String? = nil, _ name: String) {
    guard !functionNames.contains(name) else { return }
    report(
      field, bucket: bucket, "workflow \"\(workflow)\" has no function \"\(name)\"",
      remedy(for: name, among: functionNames, kind: "function"))
  }

  private func remedy(for name: String, among names: [String], kind: String) -> String {
    if let close = Spelling.closest(to: name, among: names) { return "did you mean \"\(close)\"?" }
    return names.isEmpty ? "add a \(kind) of that name" : "it is one of \(names.joined(separator: ", "))"
  }
}

// MARK: - The graph

extension StaticCheck {
  private mutating func checkGraph() {
    let functions = spec.functions.map(PlanCompiler.compile(function:))
    let graph = FlowGraph(functions: functions, buckets: buckets.map(PlanCompiler.compile(bucket:)))
    checkDeclaredOutputs()
    checkReachability(in: graph)
    for bucket in buckets {
      for (index, trigger) in bucket.spec.triggers.enumerated() {
        checkPlace(of: trigger, field: "spec.triggers[\(index)]", bucket: bucket.name, in: graph)
      }
    }
  }

  private mutating func checkDeclaredOutputs() {
    let needing = buckets.flatMap { bucket in bucket.spec.triggers.map { (bucket.name, $0) } }
      .first { $0.1.primitives.contains(where: \.needsDeclaredOutputs) }
    guard let (bucket, trigger) = needing, let primitive = trigger.primitives.first else { return }
    for (index, function) in spec.functions.enumerated() where function.outputs == nil {
      report(
        "spec.functions[\(index)].outputs",
        "\(primitive.fieldName) of \(bucket)/\(trigger.name) closes by the declared graph, and \"\(function.name)\" declares no outputs",
        "list the buckets that it puts into, or [] for none")
    }
  }

  /// A request may name another entry, and a bucket without writers may be filled from outside.
  private mutating func checkReachability(in graph: FlowGraph) {
    guard let entry = graph.functionIndex[spec.entry] else { return }
    var starts = [entry]
    let written = Set(graph.successors.prefix(graph.functionCount).flatMap { $0 })
    for bucket in buckets {
      if let node = graph.bucketIndex[bucket.name], !written.contains(node) {
        starts.append(node)
      }
    }
    let reached = graph.reachableAcrossSessions(from: starts)
    for (index, function) in spec.functions.enumerated() {
      guard let node = graph.functionIndex[function.name], !reached.contains(node) else { continue }
      report(
        "spec.functions[\(index)]", "nothing can reach function \"\(function.name)\"",
        "give a bucket that is written to a trigger that targets it, or remove it")
    }
  }

  private mutating func checkPlace(of trigger: TriggerSpec, field: String, bucket: String, in graph: FlowGraph) {
    guard let primitive = trigger.primitives.first, let node = graph.bucketIndex[bucket] else { return }
    if case .dynamicJoin(let announcers) = primitive {
      if graph.isCyclic[graph.component[node]] {
        report(
          "\(field).dynamicJoin", bucket: bucket, "a join inside a cycle can never be decided",
          "move the join behind the cycle")
      }
      for (index, announcer) in announcers.enumerated() {
        guard let source = graph.functionIndex[announcer], !graph.reachable(from: source).contains(node) else {
          continue
        }
        report(
          "\(field).dynamicJoin.announcedBy[\(index)]", bucket: bucket,
          "nothing that \"\(announcer)\" causes comes to this bucket", "announce from a function upstream of it")
      }
    }
    if let recovery = trigger.recovery, let source = graph.functionIndex[recovery.source],
      !graph.successors[source].contains(node)
    {
      report(
        "\(field).recovery.source", bucket: bucket, "\"\(recovery.source)\" does not put into this bucket",
        "name a function that does")
    }
  }
}
