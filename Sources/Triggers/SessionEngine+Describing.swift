package import Dataflow

/// What people are shown of a session.
extension SessionEngine {
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

  /// About how much memory a session that is over takes for people to ask about it.
  package var keptByteCount: Int { log.byteCount + unfiredAtEnd.reduce(0) { $0 + $1.byteCount } }

  /// Keeps only the end of the timeline, once the session is over.
  package mutating func shedLog() {
    guard outcome != nil else { return }
    log.shed()
    unfiredAtEnd = []
  }

  /// Names the triggers that have fired, and how often.
  package func forEachFired(
    _ body: (_ bucket: String, _ trigger: String, _ primitive: Primitive, _ fired: Int) -> Void
  ) {
    for index in triggers.indices {
      let fired = triggers[index].firedCount
      guard fired > 0 else { continue }
      let rule = compiled.triggers[index]
      body(compiled.plan.buckets[rule.bucket].name, rule.plan.name, rule.plan.primitive, fired)
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
}
