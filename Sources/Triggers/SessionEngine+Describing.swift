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
  package var timeline: [SessionDescription.Entry] {
    log.entries.map { Self.describe($0.event, at: $0.at.seconds) }
  }

  /// The triggers that have begun to wait, and for what.
  package var waiting: [SessionDescription.Waiting] {
    if outcome != nil {
      return incomplete.map { waiting($0.trigger, lacks: $0.lacks) }
    }
    return triggers.indices.compactMap { trigger in
      let lacks = triggers[trigger].lacks
      return lacks.isEmpty ? nil : waiting(trigger, lacks: lacks)
    }
  }

  /// How often each trigger has fired and how many objects it holds, as (bucket, trigger, fired, pending).
  package var triggerCounts: [(bucket: Int, trigger: String, fired: Int, pending: Int)] {
    triggers.indices.map { index in
      let rule = compiled.triggers[index]
      return (rule.bucket, rule.plan.name, firedCounts[index], outcome == nil ? triggers[index].heldCount : 0)
    }
  }

  private func waiting(_ trigger: Int, lacks: [String]) -> SessionDescription.Waiting {
    let rule = compiled.triggers[trigger]
    let live = invocations.values.filter { invocation in
      compiled.graph.reachable(from: invocation.function).contains(compiled.graph.functionCount + rule.bucket)
    }
    let producers = live.map(\.name).sorted()
    let whence = producers.isEmpty ? [] : ["(\(Self.list(producers)) may still put)"]
    return SessionDescription.Waiting(trigger: rule.name, target: rule.plan.target, lacks: lacks + whence)
  }

  private static func describe(_ event: SessionLog.Event, at: Double) -> SessionDescription.Entry {
    switch event {
    case .requested(let function): .init(at: at, event: "requested", subject: function)
    case .put(let producer, let bucket, let key):
      .init(at: at, event: "put", subject: "\(bucket)/\(key)", detail: "by \(producer)")
    case .announced(let producer, let bucket, let count):
      .init(at: at, event: "announced", subject: bucket, detail: "\(count) keys by \(producer)")
    case .fired(let trigger, let target, let inputs):
      .init(at: at, event: "fired", subject: trigger, detail: "\(target) on \(inputs) object\(inputs == 1 ? "" : "s")")
    case .started(let name, let attempt, let executor):
      .init(at: at, event: "started", subject: name, detail: "attempt \(attempt)", executor: executor)
    case .committed(let name, let puts, let outputs):
      .init(at: at, event: "committed", subject: name, detail: "\(puts) put, \(outputs) output")
    case .attemptFailed(let name, let attempt, let message):
      .init(at: at, event: "failed", subject: name, detail: "attempt \(attempt): \(message)")
    case .retrying(let name, let attempt, let pause):
      .init(at: at, event: "retrying", subject: name, detail: "attempt \(attempt) in \(DurationText.format(pause))")
    case .incomplete(let trigger, let lacks):
      .init(at: at, event: "incomplete", subject: trigger, detail: "lacks \(lacks)")
    case .ended(let outcome): .init(at: at, event: "ended", subject: "\(outcome.state)", detail: outcome.message)
    }
  }
}

extension Duration {
  /// As a number of seconds.
  package var seconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) / 1e18
  }
}
