import Dataflow
import Wire

/// Which invocations a session must have had, given what became visible in it.
extension SessionModel {
  struct Expected: Hashable {
    var function: String
    var inputs: [Input]
  }

  /// What the session has to have fired when it is over, and whether it had to stall.
  struct Expectation {
    var exact: [Expected] = []
    /// Batches in a cycle are cut wherever the cycle was idle.
    var fluid: [(target: String, bucket: String, keys: [String], count: Int)] = []
    var mustStall = false
  }

  func expectation() -> Expectation {
    var result = Expectation()
    switch origin {
    case nil: if let given { result.exact.append(Expected(function: given.function, inputs: given.inputs)) }
    case .invoke(let function): result.exact.append(Expected(function: function, inputs: [.init(bucket: "", key: "")]))
    case .put(_, _, _): break
    }
    result.exact += calls.map { Expected(function: $0.function, inputs: [.init(bucket: "", key: $0.object.key)]) }
    let graph = FlowGraph(functions: plan.functions, buckets: plan.buckets)
    for bucket in plan.buckets {
      let isCyclic = graph.bucketIndex[bucket.name].map { graph.isCyclic[graph.component[$0]] } ?? false
      for trigger in bucket.triggers where !trigger.primitive.isWorkflowScoped {
        let mustStall = result.mustStall
        expect(trigger, bucket: bucket.name, isCyclic: isCyclic, &result)
        // What redundant triggers have done without may stay half done.
        if superfluous.contains(trigger.target) { result.mustStall = mustStall }
      }
    }
    return result
  }

  private func expect(_ trigger: TriggerPlan, bucket: String, isCyclic: Bool, _ result: inout Expectation) {
    let objects = visible[bucket] ?? []
    let keys = objects.map(\.key)
    func fire(_ keys: [String]) {
      result.exact.append(
        .init(function: trigger.target, inputs: keys.map { Input(bucket: bucket, key: $0) }))
    }
    switch trigger.primitive {
    case .immediate: for key in keys { fire([key]) }
    case .byName(let names): for key in keys where names.contains(key) { fire([key]) }
    case .bySet(let names):
      let present = names.count { keys.contains($0) }
      if present == names.count { fire(names) } else if present > 0 { result.mustStall = true }
    case .dynamicJoin(let announcers):
      let commits = announcements.filter { announcers.contains($0.function) }
      guard !commits.isEmpty else { return }
      var wanted: [String] = []
      for key in commits.flatMap({ $0.keys[bucket] ?? [] }) where !wanted.contains(key) { wanted.append(key) }
      if wanted.allSatisfy({ keys.contains($0) }) { fire(wanted) } else { result.mustStall = true }
    case .redundant(let redundancy):
      if keys.count >= redundancy.take {
        fire(Array(keys.prefix(redundancy.take)))
      } else if !keys.isEmpty {
        result.mustStall = true
      }
    case .dynamicGroup:
      let groups = Dictionary(grouping: objects) { $0.group ?? String($0.key.prefix { $0 != ":" }) }
      for (_, members) in groups {
        fire(members.map(\.key).sorted { Array($0.utf8).lexicographicallyPrecedes($1.utf8) })
      }
    case .byBatchSize(let batch):
      if isCyclic { return result.fluid.append((trigger.target, bucket, keys, batch.count)) }
      for start in stride(from: 0, to: keys.count, by: batch.count) {
        fire(Array(keys[start..<min(start + batch.count, keys.count)]))
      }
    case .byTime: break
    }
  }

  /// What is wrong with what the session has fired, for one that ended well or stalled.
  func firingObjections() -> [String] {
    let expectation = expectation()
    var missing: [Expected: Int] = [:]
    for expected in expectation.exact { missing[expected, default: 0] += 1 }
    var surplus: [Firing] = []
    for firing in firings.values {
      let expected = Expected(function: firing.function, inputs: firing.inputs)
      if let count = missing[expected], count > 0 { missing[expected] = count - 1 } else { surplus.append(firing) }
    }
    var objections: [String] = []
    let superfluous = superfluous
    for (target, bucket, keys, count) in expectation.fluid {
      var rest = keys[...]
      var chunks = surplus.filter { $0.function == target && $0.inputs.first?.bucket == bucket }.map(\.inputs)
      surplus.removeAll { $0.function == target && $0.inputs.first?.bucket == bucket }
      while let next = rest.first {
        guard let index = chunks.firstIndex(where: { $0.first?.key == next }) else {
          // Once it is superfluous it is spared, this batch and all that follow.
          if !superfluous.contains(target) {
            objections.append("no batch of \(bucket) for \(target) begins with \(next)")
          }
          break
        }
        let chunk = chunks.remove(at: index).map(\.key)
        if chunk.count > count || chunk != Array(rest.prefix(chunk.count)) {
          objections.append("a batch of \(bucket) for \(target) is \(chunk)")
          break
        }
        rest = rest.dropFirst(chunk.count)
      }
      if !chunks.isEmpty { objections.append("\(chunks.count) more batches of \(bucket) than there are objects") }
    }
    for (expected, count) in missing where count > 0 && !superfluous.contains(expected.function) {
      objections.append("\(expected.function) on \(expected.inputs.map(\.key)) was never fired (\(count)x)")
    }
    for firing in surplus {
      objections.append("\(firing.function) on \(firing.inputs.map(\.key)) should not have fired")
    }
    for firing in firings.values where !firing.isCommitted && !firing.isLost && !superfluous.contains(firing.function) {
      objections.append("\(firing.function) on \(firing.inputs.map(\.key)) was fired and did not commit")
    }
    if let doom { objections.append("it should have failed: \(doom)") }
    let hasStalled = end?.state == .stalled
    if expectation.mustStall != hasStalled {
      objections.append(
        "it \(hasStalled ? "stalled" : "succeeded"), and should have \(hasStalled ? "succeeded" : "stalled")")
    }
    return objections.sorted()
  }

  /// No more invocations can have been made than this, whatever has closed so far.
  var invocationsAtMost: Int {
    let expectation = expectation()
    return expectation.exact.count + expectation.fluid.reduce(0) { $0 + $1.keys.count }
  }
}
