/// The connections that are forwarded over one SPDY connection: bytes and facts in, actions out.
///
/// A client opens two streams for each connection: one for errors, then one for data. As a kubelet does, the session
/// writes at most one error, and closes both streams when the pod has said its last.
///
/// There are no windows: kubectl neither keeps to SPDY's nor widens them. TCP alone holds back whoever is too fast.
/// Towards the pods that means that nothing more is taken from the client while one of them is being connected to or
/// does not take what it is sent (`isStalled`), so that nothing is ever queued here for want of a reader.
struct PortForwardSession: Sendable {
  /// Streams open at a time; each connection has two.
  static let streamLimit = 256

  enum Action: Sendable, Equatable {
    case send([UInt8])
    case connect(UInt32, port: Int)
    case write(UInt32, [UInt8])
    case finishWriting(UInt32)
    case close(UInt32)
    /// The SPDY connection is over.
    case end
  }

  /// A forwarded connection. Its number is that of its data stream.
  private struct Connection {
    var errorStream: UInt32
    var hasFinishedWriting = false
  }

  private var parser = SPDYParser()
  /// Error streams that wait for their data stream, by the request that both name.
  private var waiting: [String: UInt32] = [:]
  private var connections: [UInt32: Connection] = [:]
  /// The connections that cannot take data now.
  private var stalled: Set<UInt32> = []
  private var lastStream = UInt32(0)
  private var hasReplied = false
  private var isGoingAway = false
  private var hasEnded = false
  private var actions: [Action] = []

  var isStalled: Bool { !stalled.isEmpty }

  mutating func takeActions() -> [Action] {
    defer { actions = [] }
    return actions
  }

  // MARK: - What the client does

  mutating func received(_ bytes: [UInt8]) {
    guard !hasEnded else { return }
    parser.append(bytes)
    proceed()
  }

  private mutating func proceed() {
    do {
      while !hasEnded, !isStalled, let event = try parser.next() { follow(event) }
    } catch {
      end(isFault: true)
    }
  }

  private mutating func follow(_ event: SPDYEvent) {
    switch event {
    case .opened(let stream, let headers): opened(stream, headers)
    case .data(let id, let bytes, let isLast):
      // The client may write to a stream that has just ended here, and has nothing to say on one for errors.
      guard let connection = connections[id], !connection.hasFinishedWriting else { return }
      if !bytes.isEmpty { actions.append(.write(id, bytes)) }
      if isLast {
        connections[id]?.hasFinishedWriting = true
        actions.append(.finishWriting(id))
      }
    case .reset(let stream): reset(stream)
    case .ping(let id):
      // An even number would be the answer to a ping of the server, which sends none.
      if id % 2 == 1 { actions.append(.send(SPDYFrame.ping(id))) }
    case .goAway:
      isGoingAway = true
      endIfIdle()
    }
  }

  private mutating func opened(_ stream: UInt32, _ headers: [String: String]) {
    guard stream % 2 == 1, stream > lastStream else { return end(isFault: true) }
    lastStream = stream
    guard !isGoingAway, waiting.count + 2 * connections.count < Self.streamLimit else {
      return actions.append(.send(SPDYFrame.reset(stream, .refused)))
    }
    guard let request = headers["requestid"], !request.isEmpty, let port = headers["port"].flatMap(Int.init),
      (1...65_535).contains(port)
    else { return actions.append(.send(SPDYFrame.reset(stream, .protocolError))) }
    switch headers["streamtype"] {
    case "error" where waiting[request] == nil:
      waiting[request] = stream
      reply(to: stream)
    case "data":
      guard let errorStream = waiting.removeValue(forKey: request) else { fallthrough }
      connections[stream] = Connection(errorStream: errorStream)
      stalled.insert(stream)
      reply(to: stream)
      actions.append(.connect(stream, port: port))
    default: actions.append(.send(SPDYFrame.reset(stream, .protocolError)))
    }
  }

  private mutating func reply(to stream: UInt32) {
    actions.append(.send(SPDYFrame.reply(stream, isFirst: !hasReplied)))
    hasReplied = true
  }

  /// The client is done with a stream, and thereby with its connection.
  private mutating func reset(_ stream: UInt32) {
    if let request = waiting.first(where: { $0.value == stream })?.key { waiting[request] = nil }
    let id = connections[stream] == nil ? connections.first { $0.value.errorStream == stream }?.key : stream
    guard let id, let connection = forget(id) else { return endIfIdle() }
    actions.append(.close(id))
    let other = stream == id ? connection.errorStream : id
    actions.append(.send(SPDYFrame.data(other, [], isLast: true)))
    endIfIdle()
  }

  // MARK: - What the pods do

  /// False if the client no longer wants the connection. What it has sent already is written next.
  mutating func connected(_ id: UInt32) -> Bool {
    guard connections[id] != nil else { return false }
    stalled.remove(id)
    proceed()
    return true
  }

  mutating func failed(_ id: UInt32, _ message: String) {
    finish(id, error: message)
    proceed()
  }

  mutating func podSent(_ id: UInt32, _ bytes: [UInt8]) {
    guard connections[id] != nil else { return }
    actions.append(.send(SPDYFrame.data(id, bytes)))
  }

  /// The pod says no more. As with a kubelet that is the end of the connection: what the client still says is not
  /// forwarded, since kubectl would wait for ever for a client that waits for it.
  mutating func podEnded(_ id: UInt32) {
    finish(id, error: "")
    proceed()
  }

  /// Whether the pod takes what it is sent as fast as it comes.
  mutating func podIsReading(_ id: UInt32, _ isReading: Bool) {
    guard connections[id] != nil else { return }
    if isReading { stalled.remove(id) } else { stalled.insert(id) }
    proceed()
  }

  private mutating func finish(_ id: UInt32, error: String) {
    guard let connection = forget(id) else { return }
    actions.append(.close(id))
    // The error comes first: the end of the data makes a client look for it.
    actions.append(.send(SPDYFrame.data(connection.errorStream, Array(error.utf8), isLast: true)))
    actions.append(.send(SPDYFrame.data(id, [], isLast: true)))
    endIfIdle()
  }

  private mutating func forget(_ id: UInt32) -> Connection? {
    stalled.remove(id)
    return connections.removeValue(forKey: id)
  }

  // MARK: - The end

  private mutating func endIfIdle() {
    if isGoingAway, connections.isEmpty { end(isFault: false) }
  }

  private mutating func end(isFault: Bool) {
    guard !hasEnded else { return }
    hasEnded = true
    actions += connections.keys.sorted().map { .close($0) }
    connections = [:]
    stalled = []
    actions.append(.send(SPDYFrame.goAway(lastStream: lastStream, isFault: isFault)))
    actions.append(.end)
  }
}
