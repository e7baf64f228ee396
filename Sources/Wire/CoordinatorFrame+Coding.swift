extension CoordinatorFrame {
  private enum Kind: UInt8 {
    case registered = 65
    case redirect, refused, plan, start, cancel, describe, list, collect, drain, ping, recording, received
  }

  package func write(to writer: inout ByteWriter) {
    switch self {
    case .registered(let version, let features, let coordinator):
      writer.write(Kind.registered.rawValue)
      writer.write(version)
      writer.write(features.rawValue)
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
    case .recording(let request, let session):
      writer.write(Kind.recording.rawValue)
      writer.write(request)
      writer.write(session)
    case .received(let session):
      writer.write(Kind.received.rawValue)
      writer.write(session)
    }
  }

  package init(kind: UInt8, from reader: inout ByteReader) throws(WireError) {
    switch Kind(rawValue: kind) {
    case .registered:
      self = .registered(
        version: try reader.integer(), features: Features(rawValue: try reader.integer()),
        coordinator: try reader.string())
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
    case .recording: self = .recording(request: try reader.integer(), session: try reader.string())
    case .received: self = .received(session: try reader.string())
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
    writer.write(isRecorded)
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
      timeout: try reader.optional { (reader) throws(WireError) in try reader.integer() },
      isRecorded: try reader.added(otherwise: false) { (reader) throws(WireError) in try reader.flag() })
  }
}
