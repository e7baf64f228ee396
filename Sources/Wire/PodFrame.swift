/// What a sidecar sends to the coordinator over the connection that it dialled.
package enum PodFrame: Frame, Hashable {
  /// First on every connection.
  case register(Registration)
  /// The pod runs new sessions by this plan from now on.
  case planApplied(revision: String)
  case planRefused(revision: String, reason: String)
  /// The request is stored: the session will end here, whatever becomes of the coordinator.
  case stored(session: String)
  /// The pod does not take the request; `isFinal` when no pod would.
  case refused(session: String, reason: String, isFinal: Bool)
  case ended(SessionResult)
  case load(PodLoad)
  /// Answers `describe`, `list` and `recording` with a JSON document; nil when there is no such session.
  case answer(request: UInt64, document: [UInt8]?)
  /// Answers `collect` with the outputs of a session that has ended; nil when there is none (any more).
  case outputs(request: UInt64, result: SessionResult?)
  /// The pod takes no new sessions; it goes when those it holds have ended.
  case draining
  case pong
  /// A derived session failed. Only for coordinators with `Features.deadLetters`.
  case deadLetter(DeadLetter)

  package static let sizeLimit = 1 << 30

  package struct Registration: Sendable, Hashable {
    package var version: UInt16
    package var features: Features
    package var namespace: String
    package var workflow: String
    package var podName: String
    package var podUID: String
    /// Hash of the template that the pod was made from.
    package var revision: String
    /// A number that a new life of the sidecar draws anew.
    package var epoch: UInt64
    package var isDraining: Bool
    /// All sessions that run here or have ended within their retention.
    package var sessions: [HeldSession]

    package init(
      version: UInt16 = ProtocolVersion.current, features: Features = .current, namespace: String, workflow: String,
      podName: String, podUID: String, revision: String, epoch: UInt64, isDraining: Bool = false,
      sessions: [HeldSession] = []
    ) {
      self.version = version
      self.features = features
      self.namespace = namespace
      self.workflow = workflow
      self.podName = podName
      self.podUID = podUID
      self.revision = revision
      self.epoch = epoch
      self.isDraining = isDraining
      self.sessions = sessions
    }
  }

  /// What a coordinator that has just started needs to know of a session.
  package struct HeldSession: Sendable, Hashable {
    package var session: String
    package var hasEnded: Bool
    package var idempotencyKey: String?
    /// Hash of the request's body, to tell a retry from another request under the same key.
    package var requestHash: String

    package init(session: String, hasEnded: Bool, idempotencyKey: String?, requestHash: String) {
      self.session = session
      self.hasEnded = hasEnded
      self.idempotencyKey = idempotencyKey
      self.requestHash = requestHash
    }
  }

  /// A batch of a workflow-scoped trigger whose session failed. Its objects are lost to the workflow.
  package struct DeadLetter: Sendable, Hashable {
    /// The derived session.
    package var session: String
    package var bucket: String
    package var trigger: String
    /// How many objects the batch had.
    package var objects: UInt64
    /// Why the session failed.
    package var message: String

    package init(session: String, bucket: String, trigger: String, objects: UInt64, message: String) {
      self.session = session
      self.bucket = bucket
      self.trigger = trigger
      self.objects = objects
      self.message = message
    }
  }
}
