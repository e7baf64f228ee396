import DequeModule
import SharedMemory
import Wire

/// One connected process of the SDK: what it has sent of a frame so far, what it has yet to be sent, and its rings, if it
/// has offered one. `RingTransport` says what goes which way.
final class WorkerConnection {
  /// More than this many unsent bytes, of one or of all together, mean that the process with the most does not read any
  /// more.
  static let outboxLimit = 64 << 20
  /// What a frame may have before the hello.
  static let helloLimit = 64 << 10

  let socket: UnixSocket
  var inbox = FrameBuffer(sizeLimit: helloLimit)
  /// Nothing of it counts any more.
  var isClosed = false
  /// Nobody reads any more what is sent.
  var isLost = false
  /// The process's rings have to be looked at.
  private(set) var hasRings = false
  /// The frame that comes next is in the socket, and the ring waits for it.
  private(set) var awaitsSocket = false
  private var rings: RingEnds?
  private(set) var bell: Doorbell?
  private var ownRing: RingOffer?
  /// The frame that came through the ring last, and the one that went last, in memory that is used again.
  private var arrived: [UInt8] = []
  private var body = ByteWriter()
  private var outbox: Deque<Outgoing> = []
  /// How many bytes wait for the process to read.
  private(set) var outboxSize = 0

  /// What a welcome tells of the sidecar's ring.
  private struct RingOffer {
    var capacity: UInt32
    /// Kept until it is on its way.
    var memory: OwnedDescriptor
    var bell: Doorbell
  }

  private struct Outgoing {
    var bytes: ArraySlice<UInt8>
    /// Kept until their descriptors are on their way, even when the segment is dropped meanwhile.
    var segment: MemorySegment?
    var ring: RingOffer?

    var descriptors: [Int32] {
      if let ring { return [ring.memory.number, ring.bell.descriptor] }
      return segment.map { [$0.descriptor] } ?? []
    }
  }

  init(socket: UnixSocket) { self.socket = socket }

  var hasUnsent: Bool { !outbox.isEmpty }

  // MARK: - Rings

  /// Takes the ring that a worker has offered with its hello, and makes one for it. Answers the bell that the worker will
  /// ring, to be listened to.
  func connect(ringMemory: OwnedDescriptor, capacity: Int) throws(SystemError) -> Doorbell {
    let peer = try RingPeer(adopting: ringMemory)
    guard peer.capacity == capacity, capacity <= RingTransport.largestWorkerCapacity else {
      throw SystemError(
        "take over a worker's ring",
        reason: "it holds \(peer.capacity) bytes; at most \(RingTransport.largestWorkerCapacity) are taken")
    }
    let side = try RingSide(capacity: RingTransport.sidecarCapacity)
    let bell = try Doorbell()
    ownRing = RingOffer(capacity: UInt32(side.capacity), memory: side.file, bell: bell)
    rings = side.connect(to: peer)
    self.bell = bell
    hasRings = true
    return bell
  }

  /// Whether the ring has something to read now.
  var isReady: Bool { hasRings && !awaitsSocket && rings?.reader.isReady == true }

  /// The next frame of the ring, if there is one before the next that comes through the socket.
  func nextRingFrame() throws -> WorkerFrame? {
    guard !awaitsSocket else { return nil }
    guard try rings?.reader.read(atMost: 1, { arrived.replace(by: $0) }) == 1 else { return nil }
    awaitsSocket = arrived.isEmpty
    return arrived.isEmpty ? nil : try WorkerFrame(decoding: arrived)
  }

  func socketFrameCame() { awaitsSocket = false }

  /// Before a sleep: says that frames are to be rung for. False when there are some already.
  func arm() -> Bool { awaitsSocket || rings?.reader.arm() != false }

  func disarm() { rings?.reader.disarm() }

  /// How often the worker slept and had to be woken for what its ring has.
  var wakeups: Int { rings?.writer.wakeups ?? 0 }

  /// Where the worker ran when it last reported.
  var place: RingPlace? { rings?.reader.peersPlace }

  /// The bell was heard.
  func silenceBell() throws(SystemError) { try bell?.take() }

  func permitSpinning(_ isPermitted: Bool) { rings?.writer.permitSpinning(isPermitted) }

  // MARK: - Sending

  /// Sends a frame, with the segment that goes with it. False when the process has let too much pile up.
  func send(_ frame: SidecarFrame, segment: MemorySegment?) throws -> Bool {
    switch frame {
    case .invoke where hasRings:
      rings?.writer.requestYield(false)
      frame.replace(contentsOf: &body)
      if let limit = rings?.writer.largestFrame, body.count <= limit { return try body.withBytes { try write($0) } }
      guard try write(Span()) else { return false }
      enqueue(frame, segment: nil, ring: nil)
    case .welcome(var welcome) where ownRing != nil:
      welcome.ringCapacity = ownRing?.capacity ?? 0
      enqueue(.welcome(welcome), segment: nil, ring: ownRing)
      ownRing = nil
    case .cancel:
      // Seen before the socket's reader gets to the frame.
      rings?.writer.requestYield(true)
      enqueue(frame, segment: nil, ring: nil)
    default: enqueue(frame, segment: segment, ring: nil)
    }
    return outboxSize <= Self.outboxLimit
  }

  /// One invocation at a time is under way, so that there is room for it.
  private func write(_ body: Span<UInt8>) throws -> Bool {
    guard try rings?.writer.tryWrite(body) == true else { return false }
    rings?.writer.publish()
    return true
  }

  private func enqueue(_ frame: SidecarFrame, segment: MemorySegment?, ring: RingOffer?) {
    let bytes = frame.encoded()
    outbox.append(Outgoing(bytes: bytes[...], segment: segment, ring: ring))
    outboxSize += bytes.count
  }

  /// Sends what the socket takes now.
  func flush() throws(SystemError) {
    while var next = outbox.first {
      guard let sent = try socket.send(next.bytes, descriptors: next.descriptors) else { return }
      outboxSize -= sent
      next.bytes = next.bytes.dropFirst(sent)
      next.segment = nil
      next.ring = nil
      if next.bytes.isEmpty {
        outbox.removeFirst()
      } else {
        outbox[0] = next
      }
    }
  }
}
