package import Dataflow
package import Triggers

/// One session and what the pod keeps for it beside the engine.
package struct PodSession: Sendable {
  /// Links to other sessions that are kept at most, in each direction.
  static let linkLimit = 64

  package var engine: SessionEngine
  package var idempotencyKey: String?
  package var requestHash: String
  package var startedAt: Moment
  package var endedAt: Moment?
  /// Whether the coordinator has been sent the result, by a link that stood long enough since.
  package var isDelivered = false
  /// When it was sent last.
  package var sentAt: Duration?
  /// The queued or running attempts of live invocations.
  package var attempts: [AttemptName: UInt64] = [:]
  /// Timers that are of no use once the session has ended.
  var timers: Set<PodTimer.Purpose> = []
  /// Where it comes from, if a trigger across sessions has begun it.
  package var origin: Origin?
  /// Sessions that objects of this one went to.
  package var derived: [String] = []
  /// What its engine was told, if that was asked for.
  package var recording: SessionRecording?

  package struct AttemptName: Sendable, Hashable {
    package var invocation: Int
    package var attempt: Int
  }

  package struct Origin: Sendable, Hashable {
    package var bucket: String
    package var trigger: String
    /// How many objects it was given.
    package var objects: Int
    /// The first of the sessions that they come from.
    package var causes: [String]
  }
}
