/// What the coordinator sends to a sidecar.
package enum CoordinatorFrame: Frame, Hashable {
  /// Answers `register`.
  case registered(version: UInt16, features: Features, coordinator: String)
  /// Another replica owns the workflow: dial there.
  case redirect(address: String)
  /// The registration cannot be served; `reason` says why. The sidecar tries again later.
  case refused(reason: String)
  /// The workflow's plan, as the JSON of a `WorkflowPlan`. New sessions run by it.
  case plan(revision: String, document: [UInt8])
  /// A new session whose home is to be this pod. Answered by `stored` or `refused`.
  case start(SessionRequest)
  case cancel(session: String)
  /// Asks for the facts of a session. Answered by `answer`.
  case describe(request: UInt64, session: String)
  /// Asks for a list of the sessions here. Answered by `answer`.
  case list(request: UInt64)
  /// Asks for the outputs of a session that has ended. Answered by `outputs`.
  case collect(request: UInt64, session: String)
  /// Take no new sessions; the pod is to go.
  case drain
  case ping
  /// Asks for the recording of a session that was started with `isRecorded`. Answered by `answer`: the recording's JSON,
  /// or nothing when the session was not recorded or is not here. Only for pods with `Features.recordings`.
  case recording(request: UInt64, session: String)
  /// The session's `ended` has arrived and is not to be sent again. Only for pods with `Features.receipts`.
  case received(session: String)

  package static let sizeLimit = 1 << 30

  package struct SessionRequest: Sendable, Hashable {
    package enum Origin: Sendable, Hashable {
      /// The payload goes to a function.
      case invoke(function: String)
      /// The payload becomes an object of a bucket.
      case put(bucket: String, key: String, group: String?)
    }

    package var session: String
    package var origin: Origin
    package var payload: [UInt8]
    package var idempotencyKey: String?
    package var requestHash: String
    /// Nanoseconds that the request asks for, if less than the workflow's own limit.
    package var timeout: UInt64?
    /// Whether everything that the session's engine is told is kept, to be replayed. A pod that does not know the field
    /// records nothing.
    package var isRecorded: Bool

    package init(
      session: String, origin: Origin, payload: [UInt8], idempotencyKey: String? = nil, requestHash: String,
      timeout: UInt64? = nil, isRecorded: Bool = false
    ) {
      self.session = session
      self.origin = origin
      self.payload = payload
      self.idempotencyKey = idempotencyKey
      self.requestHash = requestHash
      self.timeout = timeout
      self.isRecorded = isRecorded
    }
  }
}
