package import Dataflow
package import Triggers

/// One session and what the pod keeps for it beside the engine.
package struct PodSession: Sendable {
  /// Links to other sessions that are kept at most, in each direction.
  static let linkLimit = 64

  package let name: String
  package var engine: SessionEngine
  package var idempotencyKey: String?
  package var requestHash: String
  package var startedAt: Moment
  /// How long it may take.
  package var timeout: Duration
  package var endedAt: Moment?
  /// Its outputs made room for others; all else is still known of it.
  package var hasGivenUpOutputs = false
  package var delivery = Delivery.none
  /// The queued or running attempts of live invocations.
  package var attempts = AttemptIndex()
  /// Timers, besides its timeout, that are of no use once the session has ended.
  var timers: Set<PodTimer.Purpose> = []
  /// Where it comes from, if a trigger across sessions has begun it.
  package var origin: Origin?
  /// Sessions that objects of this one went to.
  package var derived: [String] = []
  /// What its engine was told, if that was asked for.
  package var recording: SessionRecording?
  /// The scheduler's turn of the attempt that was queued last.
  var turn: UInt64 = 0

  package init(
    engine: SessionEngine, idempotencyKey: String? = nil, requestHash: String, startedAt: Moment, timeout: Duration,
    origin: Origin? = nil
  ) {
    name = engine.session
    self.engine = engine
    self.idempotencyKey = idempotencyKey
    self.requestHash = requestHash
    self.startedAt = startedAt
    self.timeout = timeout
    self.origin = origin
  }

  /// What the coordinator knows of the result.
  package enum Delivery: Sendable, Hashable {
    case none
    /// It may be lost with the link.
    case sent
    case received
  }

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
