/// What the SDK's processes send to the sidecar over the pod's Unix socket.
package enum WorkerFrame: Frame, Hashable {
  /// First on every connection.
  case hello(Hello)
  /// The worker needs room for an object of so many bytes. Answered by `grant` or, when it can never fit, `denied`.
  case needSegment(bytes: UInt64)
  /// The worker has mapped a granted segment for writing; the sidecar seals it now.
  case segmentMapped(segment: UInt32)
  /// An attempt has ended; what it put, announced and output becomes visible now or never.
  case finished(Finished)

  package static let sizeLimit = 16 << 20

  package struct Hello: Sendable, Hashable {
    package enum Role: UInt8, Sendable, Hashable {
      /// Runs functions, one at a time.
      case worker = 1
      /// Starts the workers of one container and ends them when told to.
      case supervisor = 2
    }

    package var version: UInt16
    package var features: UInt32
    package var role: Role
    package var container: String
    /// Which of the container's executors this is, from 0. A supervisor says how many it keeps.
    package var slot: UInt16
    package var functions: [String]

    package init(
      version: UInt16 = ProtocolVersion.current, features: UInt32 = 0, role: Role, container: String, slot: UInt16,
      functions: [String]
    ) {
      self.version = version
      self.features = features
      self.role = role
      self.container = container
      self.slot = slot
      self.functions = functions
    }
  }

  package struct Finished: Sendable, Hashable {
    package var invocation: UInt64
    package var result: Result

    package enum Result: Sendable, Hashable {
      case committed(Transaction)
      case failed(message: String, isRetryable: Bool)
    }

    package init(invocation: UInt64, result: Result) {
      self.invocation = invocation
      self.result = result
    }
  }

  private enum Kind: UInt8 { case hello = 1, needSegment, segmentMapped, finished }

  package func write(to writer: inout ByteWriter) {
    switch self {
    case .hello(let hello):
      writer.write(Kind.hello.rawValue)
      writer.write(hello.version)
      writer.write(hello.features)
      writer.write(hello.role.rawValue)
      writer.write(hello.container)
      writer.write(hello.slot)
      writer.write(hello.functions)
    case .needSegment(let bytes):
      writer.write(Kind.needSegment.rawValue)
      writer.write(bytes)
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
      case .failed(let message, let isRetryable):
        writer.write(false)
        writer.write(message)
        writer.write(isRetryable)
      }
    }
  }

  package init(kind: UInt8, from reader: inout ByteReader) throws(WireError) {
    switch Kind(rawValue: kind) {
    case .hello:
      let version = try reader.integer(UInt16.self)
      let features = try reader.integer(UInt32.self)
      let role = try reader.integer(UInt8.self)
      guard let role = Hello.Role(rawValue: role) else { throw WireError("\(role) is no role") }
      self = .hello(
        Hello(
          version: version, features: features, role: role, container: try reader.string(), slot: try reader.integer(),
          functions: try reader.strings()))
    case .needSegment: self = .needSegment(bytes: try reader.integer())
    case .segmentMapped: self = .segmentMapped(segment: try reader.integer())
    case .finished:
      let invocation = try reader.integer(UInt64.self)
      let result: Finished.Result =
        try reader.flag()
        ? .committed(try Transaction(from: &reader))
        : .failed(message: try reader.string(), isRetryable: try reader.flag())
      self = .finished(Finished(invocation: invocation, result: result))
    case nil: throw WireError("\(kind) is no kind of frame from a worker")
    }
  }
}
