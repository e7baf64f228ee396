import Dataflow

/// What a session can do without: what `redundant` triggers that have enough make superfluous, and failures beside them.
extension SessionModel {
  /// Where the ways from a function end: at redundant triggers, and whether also elsewhere.
  struct Ends {
    var redundant: Set<String> = []
    var elsewhere = false
  }

  func ends(of function: String) -> Ends {
    var ends = Ends()
    var seen: Set = [function]
    var frontier = [function]
    while let next = frontier.popLast() {
      guard let declared = self.function(next) else { continue }
      var targets = declared.calls
      var leadsOn = !targets.isEmpty
      for bucket in plan.buckets where declared.outputs?.contains(bucket.name) ?? true {
        for trigger in bucket.triggers {
          leadsOn = true
          if case .redundant = trigger.primitive {
            ends.redundant.insert("\(bucket.name)/\(trigger.name)")
          } else if trigger.primitive.isWorkflowScoped {
            ends.elsewhere = true
          } else {
            targets.append(trigger.target)
          }
        }
      }
      if !leadsOn { ends.elsewhere = true }
      for target in targets where seen.insert(target).inserted { frontier.append(target) }
    }
    return ends
  }

  private var redundancies: [(name: String, bucket: String, rule: Primitive.Redundancy)] {
    plan.buckets.flatMap { bucket in
      bucket.triggers.compactMap { trigger in
        guard case .redundant(let rule) = trigger.primitive else { return nil }
        return ("\(bucket.name)/\(trigger.name)", bucket.name, rule)
      }
    }
  }

  /// The redundant triggers that have had enough.
  private var satisfied: Set<String> {
    Set(redundancies.filter { visible[$0.bucket]?.count ?? 0 >= $0.rule.take }.map(\.name))
  }

  /// Functions whose every way ends at a redundant trigger that has had enough.
  var superfluous: Set<String> {
    let satisfied = satisfied
    guard !satisfied.isEmpty else { return [] }
    return Set(
      plan.functions.map(\.name).filter { name in
        let ends = ends(of: name)
        return !ends.elsewhere && !ends.redundant.isEmpty && ends.redundant.isSubset(of: satisfied)
      })
  }

  /// Why the session cannot end well, given what has failed for good in it; nil when it can do without all of that.
  var doom: String? {
    let lost = firings.values.filter { $0.isLost && !$0.isCommitted }
    guard !lost.isEmpty else { return nil }
    let satisfied = satisfied
    for firing in lost {
      let ends = ends(of: firing.function)
      if ends.elsewhere || ends.redundant.isEmpty { return "\(firing.function) failed for good" }
      if let trigger = ends.redundant.subtracting(satisfied).min() {
        return "\(firing.function) failed for good, and \(trigger) has not had enough"
      }
    }
    return nil
  }
}
