import CSharedMemory
import Glibc
import SharedMemory

/// Two processes with a ring in each direction: this program, and another of it that was started for the purpose.
struct Link: ~Copyable {
  static let capacity = 1 << 16
  private static let variable = "PHEROMONE_RING_PEER"

  var ends: RingEnds
  let bell: Doorbell
  let loop: EventLoop

  private init(over socket: UnixSocket, processor: Int32) throws {
    // On one processor the two take turns, and the figures are others.
    _ = csm_pin_to_processor(processor)
    let side = try RingSide(capacity: Self.capacity)
    let bell = try Doorbell()
    let loop = try EventLoop()
    try loop.register(bell.descriptor, .readable, token: 1)
    try socket.sendAll([1], descriptor: side.descriptor)
    try socket.sendAll([2], descriptor: bell.descriptor)
    var descriptors: [OwnedDescriptor] = []
    while descriptors.count < 2 {
      guard case .data(_, let more) = try socket.receive(atMost: 1) else {
        throw SystemError("connect two processes", reason: "the other one is gone")
      }
      descriptors += more
    }
    let peer = try RingPeer(adopting: descriptors[0])
    ends = side.connect(to: peer, doorbell: Doorbell(adopting: descriptors[1]))
    self.bell = bell
    self.loop = loop
  }

  /// Starts the other process and connects to it.
  static func toChild() throws -> Link {
    var template = Array("/tmp/pheromone-ring-XXXXXX".utf8CString)
    // The template is an array of this function, ended by a zero.
    guard let made = unsafe mkdtemp(&template) else { throw SystemError("make a folder", code: errno) }
    let folder = unsafe String(cString: made)
    defer {
      unsafe unlink(folder + "/s")
      unsafe rmdir(folder)
    }
    let listener = try UnixSocket.listen(path: folder + "/s")
    let waiting = try EventLoop()
    try waiting.register(listener.descriptor, .readable, token: 1)
    _ = try OwnProcess.spawn(adding: "\(variable)=\(folder)/s")
    _ = try waiting.wait(timeout: .seconds(30))
    guard let socket = try listener.accept() else {
      throw SystemError("connect two processes", reason: "the other one did not start within 30 s")
    }
    try socket.setNonBlocking(false)
    return try Link(over: socket, processor: 0)
  }

  /// The connection to the process that started this one, if that was done for this purpose.
  static func ofChild() throws -> Link? {
    guard let path = unsafe getenv(variable) else { return nil }
    try OwnProcess.dieWithParent(getppid())
    return try Link(over: try UnixSocket.connect(path: unsafe String(cString: path)), processor: 1)
  }

  /// Waits for frames by the given way.
  mutating func wait(_ way: Way) throws {
    switch way {
    case .spin: while !ends.reader.isReady { csm_pause() }
    case .futex: _ = try ends.reader.wait(spinning: .denied)
    case .adaptive: _ = try ends.reader.wait(spinning: .granted)
    case .eventfd:
      if ends.reader.arm() {
        _ = try loop.wait()
        try bell.take()
      }
      ends.reader.disarm()
    }
  }

  mutating func send(_ frame: Span<UInt8>, publishing: Bool = true) throws {
    while try !ends.writer.tryWrite(frame) { _ = try ends.writer.waitForRoom(spinning: .granted) }
    if publishing { ends.writer.publish() }
  }
}

/// How one waits for the other. The number is what tells the other process to do the same.
enum Way: UInt8, CaseIterable {
  case spin = 1
  case adaptive, futex, eventfd
}
