import Dataflow

/// Closing: buckets that nothing live can reach are asked for the last time, and a session all of which is closed ends.
extension SessionEngine {
  /// Closes whatever can close, in the direction in which data flows.
  mutating func advanceClosing() {
    while outcome == nil, let component = closing.next() {
      if compiled.isIndifferent[component] {
        closing.close(component)
        continue
      }
      flushIdle(component)
      // A trigger that fired into its own component keeps it open.
      if outcome == nil, !closing.isLive(component) {
        close(component)
        closing.close(component)
        endStages(with: component)
      }
    }
    if outcome == nil, closing.openCount == 0 { conclude() }
  }

  /// What is held back for company goes. In a cycle one trigger at a time, since what the first sets off may feed the next.
  private mutating func flushIdle(_ component: Int) {
    for trigger in compiled.triggersOfComponent[component] where !closing.isLive(component) {
      tell(trigger, .bucketIdle)
    }
  }

  private mutating func close(_ component: Int) {
    for trigger in compiled.triggersOfComponent[component] where outcome == nil {
      if let failure = triggers[trigger].lastFailure, triggers[trigger].firedCount == 0 {
        return end(.failed, "\(compiled.triggers[trigger].name) can not fire any more; \(failure)")
      }
      if triggers[trigger].state.isIncomplete, let awaited = triggers[trigger].state.awaited {
        incomplete.append((trigger, awaited))
        log.record(.incomplete(trigger: trigger, lacks: awaited.count), at: now)
      }
      tell(trigger, .bucketClosed)
    }
  }

  private mutating func endStages(with component: Int) {
    for trigger in compiled.stagesOfComponent[component] {
      openStages[trigger] -= 1
      if openStages[trigger] == 0 { tell(trigger, .stageEnded) }
    }
  }

  private mutating func conclude() {
    // What redundant triggers have done without may stay half done.
    incomplete = incomplete.filter { !isSuperfluous(compiled.triggers[$0.trigger].target) }
    guard !incomplete.isEmpty else { return end(.succeeded, "") }
    let reasons = incomplete.map { trigger, awaited in
      "\(compiled.triggers[trigger].name) lacks \(Awaited.list(awaited.names, of: awaited.count))"
    }
    end(.stalled, "nothing runs any more, but \(reasons.joined(separator: "; "))")
  }
}
