extension WorkerFrame {
  private enum Kind: UInt8 { case hello = 1, needSegment, segmentMapped, finished, published, workerEnded }

  package func write(to writer: inout ByteWriter) {
    switch self {
    case .hello(let hello):
      writer.write(Kind.hello.rawValue)
      writer.write(hello.version)
      writer.write(hello.features.rawValue)
      writer.write(hello.role.rawValue)
      writer.write(hello.container)
      writer.write(hello.slot)
      writer.write(hello.functions)
      writer.write(hello.ringCapacity)
      writer.write(hello.process)
    case .needSegment(let bytes, let invocation):
      writer.write(Kind.needSegment.rawValue)
      writer.write(bytes)
      writer.write(invocation)
    case .segmentMapped(let segment):
      writer.write(Kind.segmentMapped.rawValue)
      writer.write(segment)
    case .finished(let finished):
      writer.write(Kind.finished.rawValue)
      writer.write(finished.invocation)
      switch finished.result {
      case .committed(let transaction):
        writer.write(true)
        transaction.write(to: &writer)
        writer.write(finished.continues)
      case .failed(let message, let isRetryable):
        writer.write(false)
        writer.write(message)
        writer.write(isRetryable)
      }
    case .published(let published):
      writer.write(Kind.published.rawValue)
      writer.write(published.invocation)
      published.put.write(to: &writer)
    case .workerEnded(let ending):
      writer.write(Kind.workerEnded.rawValue)
      writer.write(ending.process)
      writer.write(ending.isSignal)
      writer.write(ending.number)
    }
  }

  package init(kind: UInt8, from reader: inout ByteReader) throws(WireError) {
    switch Kind(rawValue: kind) {
    case .hello:
      let version = try reader.integer(UInt16.self)
      let features = Features(rawValue: try reader.integer())
      let role = try reader.integer(UInt8.self)
      guard let role = Hello.Role(rawValue: role) else { throw WireError("\(role) is no role") }
      self = .hello(
        Hello(
          version: version, features: features, role: role, container: try reader.string(), slot: try reader.integer(),
          functions: try reader.strings(),
          ringCapacity: try reader.added(otherwise: 0) { (reader) throws(WireError) in try reader.integer() },
          process: try reader.added(otherwise: 0) { (reader) throws(WireError) in try reader.integer() }))
    case .needSegment: self = .needSegment(bytes: try reader.integer(), invocation: try reader.addedNumber())
    case .segmentMapped: self = .segmentMapped(segment: try reader.integer())
    case .finished:
      let invocation = try reader.integer(UInt64.self)
      guard try reader.flag() else {
        let message = try reader.string()
        let isRetryable = try reader.flag()
        self = .finished(Finished(invocation: invocation, result: .failed(message: message, isRetryable: isRetryable)))
        return
      }
      self = .finished(
        Finished(
          invocation: invocation, result: .committed(try Transaction(from: &reader)),
          continues: try reader.added(otherwise: false) { (reader) throws(WireError) in try reader.flag() }))
    case .published:
      self = .published(Published(invocation: try reader.integer(), put: try Transaction.Put(from: &reader)))
    case .workerEnded:
      self = .workerEnded(
        WorkerEnding(
          process: try reader.integer(), isSignal: try reader.flag(), number: try reader.integer()))
    case nil: throw WireError("\(kind) is no kind of frame from a worker")
    }
  }
}
