/// How a session ended, and with what.
package struct SessionResult: Sendable, Hashable {
  package enum State: UInt8, Sendable, Hashable {
    case succeeded = 1
    case failed = 2
    /// Everything closed, but triggers are incomplete.
    case stalled = 3
    case timedOut = 4
    case cancelled = 5
  }

  package var session: String
  package var state: State
  /// Empty when it succeeded; else what happened, where, and what to do.
  package var message: String
  package var outputs: [Output]

  package struct Output: Sendable, Hashable {
    /// Empty for the default output.
    package var name: String
    package var bytes: [UInt8]

    package init(name: String, bytes: [UInt8]) {
      self.name = name
      self.bytes = bytes
    }
  }

  package init(session: String, state: State, message: String = "", outputs: [Output] = []) {
    self.session = session
    self.state = state
    self.message = message
    self.outputs = outputs
  }

  func write(to writer: inout ByteWriter) {
    writer.write(session)
    writer.write(state.rawValue)
    writer.write(message)
    writer.write(outputs) { writer, output in
      writer.write(output.name)
      writer.write(output.bytes)
    }
  }

  init(from reader: inout ByteReader) throws(WireError) {
    session = try reader.string()
    let state = try reader.integer(UInt8.self)
    guard let state = State(rawValue: state) else { throw WireError("\(state) is no state of a session") }
    self.state = state
    message = try reader.string()
    outputs = try reader.list { (reader) throws(WireError) in
      Output(name: try reader.string(), bytes: try reader.data())
    }
  }
}

extension SessionResult.State {
  /// The state as people read it.
  package var name: String {
    switch self {
    case .succeeded: "Succeeded"
    case .failed: "Failed"
    case .stalled: "Stalled"
    case .timedOut: "TimedOut"
    case .cancelled: "Cancelled"
    }
  }
}
