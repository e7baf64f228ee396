// What only the whole workflow shows: who reaches whom.
extension StaticCheck {
  mutating func checkGraph() {
    let graph = KnownGraph(self)
    checkDeclaredOutputs()
    checkReachability(in: graph)
    checkLoops(in: graph)
    for bucket in buckets {
      for (index, trigger) in bucket.spec.triggers.enumerated() {
        guard !isFull, !doubts.contain(trigger: index, of: bucket.name) else { continue }
        checkPlace(of: trigger, field: "spec.triggers[\(index)]", bucket: bucket.name, in: graph)
      }
    }
  }

  private mutating func checkDeclaredOutputs() {
    let needing = buckets.flatMap { bucket in bucket.spec.triggers.map { (bucket.name, $0) } }
      .first { $0.1.primitives.contains(where: \.needsDeclaredOutputs) }
    guard let (bucket, trigger) = needing,
      let primitive = trigger.primitives.first(where: \.needsDeclaredOutputs)
    else { return }
    for (index, function) in functions.enumerated()
    where function.outputs == nil && !doubts.functions.contains(index) {
      report(
        "spec.functions[\(index)].outputs",
        "\(primitive.fieldName) of \(bucket)/\(trigger.name) closes by the declared graph, and \"\(function.name)\" declares no outputs",
        "list the buckets that it puts into, or [] for none")
    }
  }

  /// A bucket without writers may be filled from outside.
  private mutating func checkReachability(in graph: KnownGraph) {
    let possible = graph.possible
    guard let entry = possible.functionIndex[spec?.entry ?? ""] else { return }
    let written = Set(possible.successors.prefix(possible.functionCount).flatMap { $0 })
    let inlets = possible.bucketIndex.values.filter { !written.contains($0) }
    let reached = possible.reachableAcrossSessions(from: [entry] + inlets)
    guard reached.isDisjoint(with: graph.open) else { return }
    for (index, function) in functions.enumerated() {
      guard let node = possible.functionIndex[function.name], !reached.contains(node) else { continue }
      report(
        "spec.functions[\(index)]", "nothing can reach function \"\(function.name)\"",
        "give a bucket that is written to a trigger that targets it, name it in the calls of a function, or remove it")
    }
  }

  private mutating func checkPlace(of trigger: TriggerSpec, field: String, bucket: String, in graph: KnownGraph) {
    guard let primitive = trigger.onlyPrimitive, let node = graph.possible.bucketIndex[bucket] else { return }
    let place = "\(field).\(primitive.fieldName)"
    switch primitive {
    case .dynamicJoin(let announcers):
      checkOutsideCycles(node, place, bucket, in: graph, "a join inside a cycle can never be decided", "the join")
      checkUpstream(announcers, of: node, "\(place).announcedBy", bucket, in: graph, "announce from a function")
    case .dynamicGroup(let sources):
      checkOutsideCycles(node, place, bucket, in: graph, "a group inside a cycle is never complete", "the group")
      checkUpstream(sources, of: node, "\(place).sources", bucket, in: graph, "name a function")
    case .redundant:
      checkOutsideCycles(
        node, place, bucket, in: graph,
        "redundant fires once per session, so that inside a cycle what every later turn brings is dropped",
        "the trigger")
    // A set in a cycle fires in one turn and is done; batches are flushed when the cycle is idle.
    case .immediate, .byName, .bySet, .byBatchSize, .byTime: break
    }
    guard let recovery = trigger.recovery, let source = graph.possible.functionIndex[recovery.source] else { return }
    if !graph.possible.successors[source].contains(node), !graph.open.contains(source) {
      report(
        "\(field).recovery.source", bucket: bucket, "\"\(recovery.source)\" does not put into this bucket",
        "name a function that does")
    }
  }

  private mutating func checkOutsideCycles(
    _ node: Int, _ field: String, _ bucket: String, in graph: KnownGraph, _ message: String, _ subject: String
  ) {
    guard graph.isInCycle(node) else { return }
    let way = graph.text(graph.wayRound(node, by: graph.certain.successors))
    report(field, bucket: bucket, "\(message) (\(way))", "move \(subject) behind the cycle")
  }

  private mutating func checkUpstream(
    _ functions: [String], of node: Int, _ field: String, _ bucket: String, in graph: KnownGraph, _ remedy: String
  ) {
    for (index, function) in functions.enumerated() where !isFull {
      guard let source = graph.possible.functionIndex[function], !graph.mayReach(node, from: source) else { continue }
      let isElsewhere = graph.possible.reachableAcrossSessions(from: [source]).contains(node)
      report(
        "\(field)[\(index)]", bucket: bucket,
        "nothing that \"\(function)\" causes comes to this bucket"
          + (isElsewhere ? " within its session: a trigger across sessions lies between" : ""),
        "\(remedy) upstream of it" + (isElsewhere ? ", behind that trigger" : ""))
    }
  }
}
