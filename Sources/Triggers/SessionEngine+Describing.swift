package import Dataflow

/// What people are shown of a session.
extension SessionEngine {
  /// Live invocations that are named one by one.
  private static let shownProducers = 8

  /// The state as people read it.
  package var stateName: String {
    switch outcome?.state {
    case nil: "Running"
    case .succeeded: "Succeeded"
    case .failed: "Failed"
    case .stalled: "Stalled"
    case .timedOut: "TimedOut"
    case .cancelled: "Cancelled"
    }
  }

  /// The timeline, oldest entry first.
  package var timeline: [SessionDescription.Entry] { log.timeline(in: compiled) }

  /// Keeps only the end of the timeline, once the session is over.
  package mutating func shedLog() {
    guard outcome != nil else { return }
    log.shed()
  }

  /// The triggers that have begun to wait and for what, and those that objects came to too late.
  package var waiting: [SessionDescription.Waiting] {
    let lacking = Dictionary(incomplete.map { ($0.trigger, $0.lacks) }) { first, _ in first }
    return triggers.indices.compactMap { trigger in
      let lacks = lacking[trigger] ?? (outcome == nil ? triggers[trigger].state.lacks : [])
      let ignored = ignoredKeys(of: trigger)
      guard !lacks.isEmpty || !ignored.isEmpty else { return nil }
      let rule = compiled.triggers[trigger]
      return SessionDescription.Waiting(
        trigger: rule.name, target: rule.plan.target, lacks: lacks,
        producers: lacks.isEmpty ? [] : producers(for: rule), ignored: ignored)
    }
  }

  /// How often each trigger has fired and how many objects it holds, as (bucket, trigger, fired, pending).
  package var triggerCounts: [(bucket: Int, trigger: String, fired: Int, pending: Int)] {
    triggers.indices.map { index in
      let rule = compiled.triggers[index]
      return (
        rule.bucket, rule.plan.name, triggers[index].firedCount, outcome == nil ? triggers[index].state.heldCount : 0
      )
    }
  }

  /// Who may still put into the trigger's bucket: what lives now, or else the functions that are declared to.
  private func producers(for rule: CompiledPlan.Trigger) -> [String] {
    let bucket = compiled.graph.functionCount + rule.bucket
    let feeding = Set((0..<compiled.graph.functionCount).filter { compiled.graph.reachable(from: $0).contains(bucket) })
    let live = invocations.values.filter { feeding.contains(Int($0.name.function)) }
      .sorted { ($0.name.function, $0.name.number) < ($1.name.function, $1.name.number) }
    if !live.isEmpty {
      let rest = live.count - Self.shownProducers
      return live.prefix(Self.shownProducers).map { describe($0) } + (rest > 0 ? ["\(rest) more"] : [])
    }
    return feeding.sorted().filter { compiled.graph.successors[$0].contains(bucket) }
      .map { "\(compiled.plan.functions[$0].name) puts there, and none of it runs" }
  }

  private func describe(_ invocation: Invocation) -> String {
    let name = invocation.name.text(in: compiled)
    guard invocation.attempts.contains(where: \.isRunning) else {
      return invocation.attempts.isEmpty ? "\(name) backs off" : "\(name) is queued"
    }
    // A long session's log may not hold the start any more.
    return log.executor(of: invocation.name).map { "\(name) is running on \($0)" } ?? "\(name) is running"
  }

  private func ignoredKeys(of trigger: Int) -> [String] {
    let progress = triggers[trigger]
    let rest = progress.ignoredCount - progress.ignoredKeys.count
    return progress.ignoredKeys + (rest > 0 ? ["(\(rest) more)"] : [])
  }
}
