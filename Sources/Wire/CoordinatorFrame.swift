/// What the coordinator sends to a sidecar.
package enum CoordinatorFrame: Frame, Hashable {
  /// Answers `register`.
  case registered(version: UInt16, features: UInt32, coordinator: String)
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

    package init(
      session: String, origin: Origin, payload: [UInt8], idempotencyKey: String? = nil, requestHash: String,
      timeout: UInt64? = nil
    ) {
      self.session = session
      self.origin = origin
      self.payload = payload
      self.idempotencyKey = idempotencyKey
      self.requestHash = requestHash
      self.timeout = timeout
    }
  }

  private enum Kind: UInt8 {
    case registered = 65
    case redirect, refused, plan, start, cancel, describe, list, collect, drain, ping
  }

  package func write(to writer: inout ByteWriter) {
    switch self {
    case .registered(let version, let features, let coordinator):
      writer.write(Kind.registered.rawValue)
      writer.write(version)
      writer.write(features)
      writer.write(coordinator)
    case .redirect(let address):
      writer.write(Kind.redirect.rawValue)
      writer.write(address)
    case .refused(let reason):
      writer.write(Kind.refused.rawValue)
      writer.write(reason)
    case .plan(let revision, let document):
      writer.write(Kind.plan.rawValue)
      writer.write(revision)
      writer.write(document)
    case .start(let request):
      writer.write(Kind.start.rawValue)
      request.write(to: &writer)
    case .cancel(let session):
      writer.write(Kind.cancel.rawValue)
      writer.write(session)
    case .describe(let request, let session):
      writer.write(Kind.describe.rawValue)
      writer.write(request)
      writer.write(session)
    case .list(let request):
      writer.write(Kind.list.rawValue)
      writer.write(request)
    case .collect(let request, let session):
      writer.write(Kind.collect.rawValue)
      writer.write(request)
      writer.write(session)
    case .drain: writer.write(Kind.drain.rawValue)
    case .ping: writer.write(Kind.ping.rawValue)
    }
  }

  package init(kind: UInt8, from reader: inout ByteReader) throws(WireError) {
    switch Kind(rawValue: kind) {
    case .registered:
      self = .registered(
        version: try reader.integer(), features: try reader.integer(), coordinator: try reader.string())
    case .redirect: self = .redirect(address: try reader.string())
    case .refused: self = .refused(reason: try reader.string())
    case .plan: self = .plan(revision: try reader.string(), document: try reader.data())
    case .start: self = .start(try SessionRequest(from: &reader))
    case .cancel: self = .cancel(session: try reader.string())
    case .describe: self = .describe(request: try reader.integer(), session: try reader.string())
    case .list: self = .list(request: try reader.integer())
    case .collect: self = .collect(request: try reader.integer(), session: try reader.string())
    case .drain: self = .drain
    case .ping: self = .ping
    case nil: throw WireError("\(kind) is no kind of frame from a coordinator")
    }
  }
}

extension CoordinatorFrame.SessionRequest {
  func write(to writer: inout ByteWriter) {
    writer.write(session)
    switch origin {
    case .invoke(let function):
      writer.write(true)
      writer.write(function)
    case .put(let bucket, let key, let group):
      writer.write(false)
      writer.write(bucket)
      writer.write(key)
      writer.write(group)
    }
    writer.write(payload)
    writer.write(idempotencyKey)
    writer.write(requestHash)
    writer.write(timeout) { $0.write($1) }
  }

  init(from reader: inout ByteReader) throws(WireError) {
    let session = try reader.string()
    let origin: Origin =
      try reader.flag()
      ? .invoke(function: try reader.string())
      : .put(bucket: try reader.string(), key: try reader.string(), group: try reader.optionalString())
    self.init(
      session: session, origin: origin, payload: try reader.data(), idempotencyKey: try reader.optionalString(),
      requestHash: try reader.string(),
      timeout: try reader.optional { (reader) throws(WireError) in try reader.integer() })
  }
}
