import Glibc
import Wire

@testable import SharedMemory

/// A process that connects to a sidecar as a worker and then does as it likes, move by move. It never blocks, and has its
/// own memory mapped writable, as a real one would.
final class HostileClient {
  /// The sidecar has closed the connection.
  private(set) var isOver = false
  var forger: FrameForger
  /// What it was granted.
  private(set) var memory: [UInt32: MemorySegment] = [:]
  private let socket: UnixSocket
  /// Its own side of the rings, which it may write to as it likes.
  private(set) var words: RingWords?
  private var ends: RingEnds?
  private(set) var bell: Doorbell?
  private var frames = FrameBuffer(sizeLimit: SidecarFrame.sizeLimit)
  private var received: [OwnedDescriptor] = []
  /// Peers of descriptors that were sent.
  private var kept: [OwnedDescriptor] = []
  private var scribblers: [Scribbler] = []

  init(_ path: String, seed: UInt64) throws {
    socket = try UnixSocket.connect(path: path)
    try socket.setNonBlocking()
    forger = FrameForger(seed: seed)
  }

  deinit { for scribbler in scribblers { scribbler.wait() } }

  // MARK: - The beginning

  /// Says a hello that is right, and takes the welcome and what comes with it.
  func greet(usesRings: Bool) throws {
    var hello = WorkerFrame.Hello(
      role: .worker, container: "hostile", slot: 0, functions: ["shared", "stream"])
    guard usesRings else { return sendToSocket(WorkerFrame.hello(hello).encoded()) }
    let side = try RingSide(capacity: RingTransport.workerCapacity)
    hello.ringCapacity = UInt32(side.capacity)
    words = side.words
    sendToSocket(WorkerFrame.hello(hello).encoded(), [side.descriptor])
    try socket.setNonBlocking(false)
    listen(atMost: 1)
    try socket.setNonBlocking()
    guard received.count >= 2, let peer = try? RingPeer(adopting: received.removeFirst()) else { return }
    let bell = Doorbell(adopting: received.removeFirst())
    ends = side.connect(to: peer, doorbell: bell)
    self.bell = bell
  }

  // MARK: - Listening

  /// Learns what the sidecar has said.
  func listen(atMost limit: Int = 8) {
    for _ in 0..<limit {
      switch try? socket.receive() {
      case .data(let bytes, let descriptors):
        frames.append(bytes)
        received += descriptors
        while let body = try? frames.next() { note(body) }
      case .closed, nil: return isOver = true
      case .nothing: return listenToRing()
      }
    }
  }

  private func listenToRing() {
    var bodies: [[UInt8]] = []
    // The buffer is copied at once. A fault is of its own making.
    _ = try? ends?.reader.read { bodies.append(unsafe $0.withUnsafeBufferPointer { unsafe Array($0) }) }
    for body in bodies where !body.isEmpty { note(body) }
  }

  private func note(_ body: [UInt8]) {
    switch try? SidecarFrame(decoding: body) {
    case .invoke(let invoke): forger.invocations.append(invoke.invocation)
    case .grant(let id, let size, _):
      forger.segments.append((id, Int(size)))
      guard !received.isEmpty else { return }
      let file = received.removeFirst()
      memory[id] = try? MemorySegment.adopt(file, size: Int(size), access: .writing)
    case .attach(let id, let size):
      forger.segments.append((id, Int(size)))
      if !received.isEmpty { kept.append(received.removeFirst()) }
    default: break
    }
  }

  // MARK: - Sending

  /// Sends a body where a worker would.
  func send(_ body: [UInt8]) {
    guard ends != nil else { return sendToSocket(Self.frame(body)) }
    let limit = ends?.writer.largestFrame ?? 0
    // Neither a full ring nor one that it has broken itself is of concern.
    if body.count <= limit, (try? ends?.writer.tryWrite(body.span)) == true { ends?.writer.publish() }
  }

  func send(_ frame: WorkerFrame) { send(frame.body()) }

  /// Sends as many bytes as the socket takes.
  func sendToSocket(_ bytes: [UInt8], _ descriptors: [Int32] = []) {
    var rest = bytes[...]
    var passed = descriptors
    while !rest.isEmpty {
      do {
        guard let sent = try socket.send(rest, descriptors: passed) else { return }
        rest = rest.dropFirst(sent)
        passed = []
      } catch {
        return isOver = true
      }
    }
  }

  /// Sends bytes with descriptors that do not belong there; the first of them is what matters.
  func sendToSocket(_ bytes: [UInt8], forged files: [OwnedDescriptor], copies: Int = 1) {
    guard let first = files.first, first.number >= 0 else { return sendToSocket(bytes) }
    sendToSocket(bytes, Array(repeating: first.number, count: copies))
    kept += files.dropFirst()
  }

  /// Says that nothing more comes, and goes on all the same.
  func endSending() { _ = Glibc.shutdown(socket.descriptor, Int32(SHUT_WR)) }

  func scribble(on segments: [MemorySegment]) {
    scribblers.append(Scribbler(ring: words, segments: segments, seed: forger.random.next()))
  }

  /// A body with its length before it.
  static func frame(_ body: [UInt8]) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: body.count >> (8 * $0)) } + body
  }
}
