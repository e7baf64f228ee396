import Dataflow

/// Closing: buckets that nothing live can reach are asked for the last time, and a session all of which is closed ends.
extension SessionEngine {
  /// Closes whatever can close, in the direction in which data flows.
  mutating func advanceClosing() {
    while outcome == nil, let component = closing.next() {
      close(component)
      // A trigger that fired into its own component on closing keeps it open.
      if outcome == nil, !closing.isLive(component) {
        closing.close(component)
        finishAnnouncers(in: component)
      }
    }
    if outcome == nil, closing.openCount == 0 { conclude() }
  }

  private mutating func close(_ component: Int) {
    for bucket in compiled.plan.buckets.indices where compiled.component(ofBucket: bucket) == component {
      for trigger in compiled.triggersOfBucket[bucket] {
        let lacks = triggers[trigger].lacks
        if !lacks.isEmpty {
          incomplete.append((trigger, lacks))
          log.record(.incomplete(compiled.triggers[trigger].name, lacks: lacks.count), at: now)
        }
        tell(trigger, .bucketClosed)
      }
    }
  }

  /// Announcers whose component has closed can announce nothing more.
  private mutating func finishAnnouncers(in component: Int) {
    for trigger in compiled.triggers.indices where compiled.announcerComponents[trigger].contains(component) {
      openAnnouncers[trigger] -= 1
      if openAnnouncers[trigger] == 0 { tell(trigger, .announcersFinished) }
    }
  }

  private mutating func conclude() {
    guard !incomplete.isEmpty else { return end(.succeeded, "") }
    let reasons = incomplete.map { trigger, lacks in
      "\(compiled.triggers[trigger].name) lacks \(Self.list(lacks))"
    }
    end(.stalled, "nothing runs any more, but \(reasons.joined(separator: "; "))")
  }

  /// Names some of many.
  static func list(_ names: [String]) -> String {
    let shown = names.prefix(5).joined(separator: ", ")
    return names.count > 5 ? "\(shown) and \(names.count - 5) more" : shown
  }
}
