import SharedMemory
import Wire

/// A worker's end of a connection, through rings or without, frame by frame.
struct Conversation: ~Copyable {
  private let socket: UnixSocket
  private var side: RingSide?
  private var ends: RingEnds?
  private var frames = FrameBuffer(sizeLimit: SidecarFrame.sizeLimit)
  private var descriptors: [OwnedDescriptor] = []
  /// The segments that inputs lie in.
  private(set) var attached: [UInt32: (file: OwnedDescriptor, size: Int)] = [:]

  init(_ socket: UnixSocket) { self.socket = socket }

  /// - Parameter isCut: sends the first half of the hello, and no more.
  mutating func greet(functions: [String], usesRings: Bool, isCut: Bool = false) throws {
    // It writes from the beginning always.
    let features = Features.current.subtracting(.freeRanges)
    var hello = WorkerFrame.Hello(
      features: features, role: .worker, container: "hostile", slot: 0, functions: functions)
    var descriptor: Int32?
    if usesRings {
      let offered = try RingSide(capacity: RingTransport.workerCapacity)
      hello.ringCapacity = UInt32(offered.capacity)
      descriptor = offered.descriptor
      side = consume offered
    }
    let bytes = WorkerFrame.hello(hello).encoded()
    try socket.sendAll(isCut ? Array(bytes.prefix(bytes.count / 2)) : bytes, descriptor: descriptor)
  }

  mutating func awaitWelcome() throws {
    guard case .welcome(let welcome) = try receive() else { throw WireError("no welcome came") }
    guard welcome.ringCapacity > 0, let side = side.take() else { return }
    let peer = try RingPeer(adopting: takeDescriptor())
    ends = side.connect(to: peer, doorbell: Doorbell(adopting: try takeDescriptor()))
  }

  mutating func takeDescriptor() throws -> OwnedDescriptor {
    guard !descriptors.isEmpty else { throw WireError("a frame came without its descriptor") }
    return descriptors.removeFirst()
  }

  /// The next frame of the socket that is not about memory to read.
  mutating func nextFrame() throws -> SidecarFrame {
    while true {
      switch try receive() {
      case .attach(let id, let size): attached[id] = (try takeDescriptor(), Int(size))
      case .detach(let id): attached[id] = nil
      case let frame: return frame
      }
    }
  }

  private mutating func receive() throws -> SidecarFrame {
    while true {
      if let body = try frames.next() {
        let frame = try SidecarFrame(decoding: body)
        // It never goes on by itself.
        if case .continuations = frame { continue }
        return frame
      }
      guard case .data(let bytes, let more) = try socket.receive() else { throw WireError("the sidecar has closed") }
      frames.append(bytes)
      descriptors += more
    }
  }

  mutating func nextInvocation() throws -> SidecarFrame.Invoke {
    var body: [UInt8] = []
    while ends != nil, body.isEmpty {
      // The buffer is copied at once.
      if try ends?.reader.read(atMost: 1, { body = unsafe $0.withUnsafeBufferPointer { unsafe Array($0) } }) == 0 {
        _ = try ends?.reader.wait(spinning: .denied)
      }
    }
    let frame = body.isEmpty ? try nextFrame() : try SidecarFrame(decoding: body)
    guard case .invoke(let invoke) = frame else { throw WireError("no invocation came") }
    return invoke
  }

  mutating func send(_ frame: WorkerFrame) throws {
    guard ends != nil else { return try socket.sendAll(frame.encoded()) }
    try stage(frame.body())
    ends?.writer.publish()
  }

  /// Writes a report that the sidecar is not shown; without a ring, all of it but the last byte.
  mutating func stage(_ frame: WorkerFrame) throws {
    guard ends != nil else { return try socket.sendAll(frame.encoded().dropLast()) }
    try stage(frame.body())
  }

  /// Begins a report that goes through the socket, as long ones do.
  mutating func sendPart(of frame: WorkerFrame) throws {
    if ends != nil {
      try stage([])
      ends?.writer.publish()
    }
    let bytes = frame.encoded()
    try socket.sendAll(Array(bytes.prefix(bytes.count / 2)))
  }

  private mutating func stage(_ body: [UInt8]) throws {
    while try ends?.writer.tryWrite(body.span) == false { _ = try ends?.writer.waitForRoom(spinning: .denied) }
  }
}
