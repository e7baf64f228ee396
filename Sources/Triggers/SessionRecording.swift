package import Dataflow

/// Everything that a session's engine was told and what it decided, as it can be saved and run again.
package struct SessionRecording: Sendable, Hashable, Codable {
  package static let formatVersion = 1
  /// About how many bytes a recording takes at most.
  package static let byteLimit = 4 << 20

  package var version: Int
  package var session: String
  package var plan: WorkflowPlan
  package var startedAt: Moment
  package var steps: [Step]
  /// The limit was reached: what came later is not here.
  package var isTruncated: Bool
  private var byteCount: Int

  package struct Step: Sendable, Hashable, Codable {
    package var at: Moment
    package var event: SessionEvent
    package var actions: [SessionAction]
  }

  package init(session: String, plan: WorkflowPlan, startedAt: Moment) {
    version = Self.formatVersion
    self.session = session
    self.plan = plan
    self.startedAt = startedAt
    steps = []
    isTruncated = false
    byteCount = 0
  }

  package mutating func record(_ event: SessionEvent, at now: Moment, actions: [SessionAction]) {
    guard !isTruncated else { return }
    byteCount += MemoryLayout<Step>.stride + event.byteCount + actions.reduce(0) { $0 + $1.byteCount }
    guard byteCount <= Self.byteLimit else {
      isTruncated = true
      return
    }
    steps.append(Step(at: now, event: event, actions: actions))
  }

  /// Runs the recorded events through this version's engine, and compares what it decides with what was decided then.
  package func replay() throws -> ReplayReport {
    guard version == Self.formatVersion else {
      throw ReplayError("the recording has format \(version), and this version reads \(Self.formatVersion)")
    }
    try checkValues()
    var engine = SessionEngine(session: session, plan: CompiledPlan(plan), now: startedAt)
    for (index, step) in steps.enumerated() {
      let actual = engine.apply(step.event, now: step.at)
      if actual != step.actions {
        return ReplayReport(
          events: steps.count, isTruncated: isTruncated, outcome: engine.stateName, timeline: engine.timeline,
          disagreement: .init(
            step: index, event: "\(step.event)", expected: step.actions.map { "\($0)" }, actual: actual.map { "\($0)" })
        )
      }
    }
    return ReplayReport(
      events: steps.count, isTruncated: isTruncated, outcome: engine.stateName, timeline: engine.timeline)
  }
}

/// What came of a replay.
package struct ReplayReport: Sendable, Hashable, Codable {
  package var events: Int
  package var isTruncated: Bool
  /// The session's state at the end, or where the two first disagreed.
  package var outcome: String
  package var timeline: [SessionDescription.Entry]
  /// Nil when every decision was the same.
  package var disagreement: Disagreement?

  package struct Disagreement: Sendable, Hashable, Codable {
    /// Index of the event, from 0.
    package var step: Int
    package var event: String
    package var expected: [String]
    package var actual: [String]
  }
}

/// Why a recording cannot be replayed.
package struct ReplayError: Error, Sendable, Hashable, CustomStringConvertible {
  package var description: String

  init(_ description: String) { self.description = description }
}
