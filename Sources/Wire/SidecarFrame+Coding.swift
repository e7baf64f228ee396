import Dataflow

extension SidecarFrame {
  private enum Kind: UInt8 {
    case welcome = 65
    case refused, grant, denied, attach, detach, recycle, invoke, cancel, drain, kill, continuations
  }

  package func write(to writer: inout ByteWriter) {
    switch self {
    case .welcome(let welcome):
      writer.write(Kind.welcome.rawValue)
      writer.write(welcome.version)
      writer.write(welcome.features.rawValue)
      writer.write(welcome.epoch)
      writer.write(welcome.executor)
      writer.write(welcome.ringCapacity)
    case .refused(let reason):
      writer.write(Kind.refused.rawValue)
      writer.write(reason)
    case .grant(let segment, let size, let invocation):
      writer.write(Kind.grant.rawValue)
      writer.write(segment)
      writer.write(size)
      writer.write(invocation)
    case .denied(let reason, let invocation):
      writer.write(Kind.denied.rawValue)
      writer.write(reason)
      writer.write(invocation)
    case .attach(let segment, let size):
      writer.write(Kind.attach.rawValue)
      writer.write(segment)
      writer.write(size)
    case .detach(let segment):
      writer.write(Kind.detach.rawValue)
      writer.write(segment)
    case .recycle(let segment, let invocation, let free):
      writer.write(Kind.recycle.rawValue)
      writer.write(segment)
      writer.write(invocation)
      writer.write(free) { writer, range in
        writer.write(range.lowerBound)
        writer.write(range.upperBound)
      }
    case .invoke(let invoke):
      writer.write(Kind.invoke.rawValue)
      invoke.write(to: &writer)
    case .continuations(let table):
      writer.write(Kind.continuations.rawValue)
      table.write(to: &writer)
    case .cancel(let invocation):
      writer.write(Kind.cancel.rawValue)
      writer.write(invocation)
    case .drain: writer.write(Kind.drain.rawValue)
    case .kill(let slot, let reason):
      writer.write(Kind.kill.rawValue)
      writer.write(slot)
      writer.write(reason)
    }
  }

  package init(kind: UInt8, from reader: inout ByteReader) throws(WireError) {
    switch Kind(rawValue: kind) {
    case .welcome:
      self = .welcome(
        Welcome(
          version: try reader.integer(), features: Features(rawValue: try reader.integer()),
          epoch: try reader.integer(), executor: try reader.integer(),
          ringCapacity: try reader.added(otherwise: 0) { (reader) throws(WireError) in try reader.integer() }))
    case .refused: self = .refused(reason: try reader.string())
    case .grant:
      self = .grant(
        segment: try reader.integer(), size: try reader.integer(), invocation: try reader.addedNumber())
    case .denied: self = .denied(reason: try reader.string(), invocation: try reader.addedNumber())
    case .attach: self = .attach(segment: try reader.integer(), size: try reader.integer())
    case .detach: self = .detach(segment: try reader.integer())
    case .recycle:
      self = .recycle(
        segment: try reader.integer(), invocation: try reader.addedNumber(),
        free: try reader.added(otherwise: []) { (reader) throws(WireError) in
          try reader.list { (reader) throws(WireError) in try reader.range() }
        })
    case .invoke: self = .invoke(try Invoke(from: &reader))
    case .continuations: self = .continuations(try Continuations(from: &reader))
    case .cancel: self = .cancel(invocation: try reader.integer())
    case .drain: self = .drain
    case .kill: self = .kill(slot: try reader.integer(), reason: try reader.string())
    case nil: throw WireError("\(kind) is no kind of frame from a sidecar")
    }
  }
}

extension ByteReader {
  fileprivate mutating func range() throws(WireError) -> Range<UInt64> {
    let (start, end): (UInt64, UInt64) = (try integer(), try integer())
    guard start < end else { throw WireError("a range from \(start) to \(end)") }
    return start..<end
  }
}

extension SidecarFrame.Invoke {
  func write(to writer: inout ByteWriter) {
    writer.write(invocation)
    writer.write(attempt)
    writer.write(function)
    writer.write(session)
    writer.write(firing)
    writer.write(inputs) { writer, input in
      writer.write(input.bucket)
      writer.write(input.key)
      writer.write(input.group)
      input.location.write(to: &writer)
    }
    writer.write(timeout) { $0.write($1) }
    writer.write(publishesImmediately)
    writer.write(continuations)
  }

  init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      invocation: try reader.integer(), attempt: try reader.integer(), function: try reader.string(),
      session: try reader.string(), firing: try reader.label(),
      inputs: try reader.list { (reader) throws(WireError) in
        SidecarFrame.Input(
          bucket: try reader.string(), key: try reader.label(), group: try reader.optionalString(),
          location: try ObjectLocation(from: &reader))
      },
      timeout: try reader.optional { (reader) throws(WireError) in try reader.integer() },
      publishesImmediately: try reader.added(otherwise: false) { (reader) throws(WireError) in try reader.flag() },
      continuations: try reader.added(otherwise: 0) { (reader) throws(WireError) in try reader.integer() })
  }
}
