extension PodFrame {
  private enum Kind: UInt8 {
    case register = 1
    case planApplied, planRefused, stored, refused, ended, load, answer, outputs, draining, pong, deadLetter
  }

  package func write(to writer: inout ByteWriter) {
    switch self {
    case .register(let registration):
      writer.write(Kind.register.rawValue)
      registration.write(to: &writer)
    case .planApplied(let revision):
      writer.write(Kind.planApplied.rawValue)
      writer.write(revision)
    case .planRefused(let revision, let reason):
      writer.write(Kind.planRefused.rawValue)
      writer.write(revision)
      writer.write(reason)
    case .stored(let session):
      writer.write(Kind.stored.rawValue)
      writer.write(session)
    case .refused(let session, let reason, let isFinal):
      writer.write(Kind.refused.rawValue)
      writer.write(session)
      writer.write(reason)
      writer.write(isFinal)
    case .ended(let result):
      writer.write(Kind.ended.rawValue)
      result.write(to: &writer)
    case .load(let load):
      writer.write(Kind.load.rawValue)
      load.write(to: &writer)
    case .answer(let request, let document):
      writer.write(Kind.answer.rawValue)
      writer.write(request)
      writer.write(document) { $0.write($1) }
    case .outputs(let request, let result):
      writer.write(Kind.outputs.rawValue)
      writer.write(request)
      writer.write(result) { $1.write(to: &$0) }
    case .draining: writer.write(Kind.draining.rawValue)
    case .pong: writer.write(Kind.pong.rawValue)
    case .deadLetter(let letter):
      writer.write(Kind.deadLetter.rawValue)
      for text in [letter.session, letter.bucket, letter.trigger] { writer.write(text) }
      writer.write(letter.objects)
      writer.write(letter.message)
    }
  }

  package init(kind: UInt8, from reader: inout ByteReader) throws(WireError) {
    switch Kind(rawValue: kind) {
    case .register: self = .register(try Registration(from: &reader))
    case .planApplied: self = .planApplied(revision: try reader.string())
    case .planRefused: self = .planRefused(revision: try reader.string(), reason: try reader.string())
    case .stored: self = .stored(session: try reader.string())
    case .refused:
      self = .refused(session: try reader.string(), reason: try reader.string(), isFinal: try reader.flag())
    case .ended: self = .ended(try SessionResult(from: &reader))
    case .load: self = .load(try PodLoad(from: &reader))
    case .answer:
      self = .answer(
        request: try reader.integer(),
        document: try reader.optional { (reader) throws(WireError) in try reader.data() })
    case .outputs:
      self = .outputs(
        request: try reader.integer(),
        result: try reader.optional { (reader) throws(WireError) in try SessionResult(from: &reader) })
    case .draining: self = .draining
    case .pong: self = .pong
    case .deadLetter:
      self = .deadLetter(
        DeadLetter(
          session: try reader.string(), bucket: try reader.string(), trigger: try reader.string(),
          objects: try reader.integer(), message: try reader.string()))
    case nil: throw WireError("\(kind) is no kind of frame from a pod")
    }
  }
}

extension PodFrame.Registration {
  func write(to writer: inout ByteWriter) {
    writer.write(version)
    writer.write(features.rawValue)
    for text in [namespace, workflow, podName, podUID, revision] { writer.write(text) }
    writer.write(epoch)
    writer.write(isDraining)
    writer.write(sessions) { writer, session in
      writer.write(session.session)
      writer.write(session.hasEnded)
      writer.write(session.idempotencyKey)
      writer.write(session.requestHash)
    }
  }

  init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      version: try reader.integer(), features: Features(rawValue: try reader.integer()), namespace: try reader.string(),
      workflow: try reader.string(), podName: try reader.string(), podUID: try reader.string(),
      revision: try reader.string(), epoch: try reader.integer(), isDraining: try reader.flag(),
      sessions: try reader.list { (reader) throws(WireError) in
        PodFrame.HeldSession(
          session: try reader.string(), hasEnded: try reader.flag(), idempotencyKey: try reader.optionalString(),
          requestHash: try reader.string())
      })
  }
}
