import Testing
import Wire

@testable import SharedMemory

/// A worker that a test speaks for, frame by frame, over a socket and rings; each of them on one thread at a time.
final class RawWorker: @unchecked Sendable {
  let socket: UnixSocket
  private var ends: RingEnds?
  private var peer: RingPeer?
  private var frames = FrameBuffer(sizeLimit: SidecarFrame.sizeLimit)
  private var descriptors: [OwnedDescriptor] = []

  /// Says hello and takes what the welcome brings.
  init(_ path: String, functions: [String] = ["leaf"], ringCapacity: Int? = RingTransport.workerCapacity) throws {
    socket = try UnixSocket.connect(path: path)
    var hello = WorkerFrame.Hello(role: .worker, container: "raw", slot: 0, functions: functions)
    guard let ringCapacity else {
      try socket.sendAll(WorkerFrame.hello(hello).encoded())
      return
    }
    let side = try RingSide(capacity: ringCapacity)
    hello.ringCapacity = UInt32(ringCapacity)
    try socket.sendAll(WorkerFrame.hello(hello).encoded(), descriptor: side.descriptor)
    guard case .welcome(let welcome) = try receive() else { throw WireError("no welcome") }
    #expect(welcome.ringCapacity == UInt32(RingTransport.sidecarCapacity) && descriptors.count == 2)
    let peer = try RingPeer(adopting: descriptors.removeFirst())
    self.peer = peer
    ends = side.connect(to: peer, doorbell: Doorbell(adopting: descriptors.removeFirst()))
  }

  /// Whether the sidecar permits it to spin.
  var maySpin: Bool { peer?.words.loadRelaxed(RingLayout.spinPermit) == 1 }

  /// The next frame of the socket; nil once the sidecar has closed it.
  func receive() throws -> SidecarFrame? {
    while true {
      if let body = try frames.next() {
        let frame = try SidecarFrame(decoding: body)
        // It goes on by itself only where a test says so.
        if case .continuations = frame { continue }
        return frame
      }
      switch try socket.receive() {
      case .data(let bytes, let more):
        frames.append(bytes)
        descriptors += more
      case .closed, .nothing: return nil
      }
    }
  }

  /// Frames of the socket until it is closed.
  func waitForEnd() throws { while try receive() != nil {} }

  /// The next invocation, out of the ring.
  func nextInvocation() throws -> SidecarFrame.Invoke {
    var body: [UInt8] = []
    while try ends?.reader.read(atMost: 1, { body = unsafe $0.withUnsafeBufferPointer { unsafe Array($0) } }) == 0 {
      guard try ends?.reader.wait(spinning: .denied, timeout: .seconds(20)) == true else {
        throw WireError("nothing came through the ring")
      }
    }
    guard case .invoke(let invoke) = try SidecarFrame(decoding: body) else { throw WireError("no invocation") }
    return invoke
  }

  /// Puts bytes into the ring, whatever they are.
  func write(_ body: [UInt8]) throws {
    #expect(try ends?.writer.tryWrite(body.span) == true)
    ends?.writer.publish()
  }

  /// Puts so many frames and a marker into the ring, waiting for room. False once nobody makes any.
  func fill(_ frame: WorkerFrame, frames: Int) throws -> Bool {
    let body = frame.body()
    for index in 0...frames {
      let next = index < frames ? body : []
      while try ends?.writer.tryWrite(next.span) == false {
        guard try ends?.writer.waitForRoom(spinning: .denied, timeout: .seconds(2)) == true else { return false }
      }
    }
    ends?.writer.publish()
    return true
  }

  func write(_ frame: WorkerFrame) throws { try write(frame.body()) }
}
