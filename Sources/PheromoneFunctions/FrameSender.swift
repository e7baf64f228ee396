import SharedMemory
import Synchronization
import Wire

/// Sends whole frames, one sender at a time: through the socket at first, and through the ring once there is one.
final class FrameSender: Sendable {
  /// How long a sender waits for room in the ring before it looks whether the sidecar is still there.
  private static let patience = Duration.milliseconds(100)

  private let socket: UnixSocket
  private let ring = Mutex<RingWriter?>(nil)
  private let isClosed = Atomic(false)

  init(_ socket: UnixSocket) { self.socket = socket }

  /// From now on frames go through the ring.
  func useRing(_ writer: consuming RingWriter) {
    var writer: RingWriter? = writer
    ring.withLock { $0 = writer.take() }
  }

  /// Lets go of those who wait for room.
  func close() { isClosed.store(true, ordering: .relaxed) }

  /// A descriptor can only be sent before there is a ring.
  func send(_ frame: WorkerFrame, descriptor: Int32? = nil) throws {
    try ring.withLock { ring in
      guard let limit = ring?.largestFrame else { return try socket.sendAll(frame.encoded(), descriptor: descriptor) }
      let body = frame.body()
      if body.count <= limit {
        try write(body, to: &ring)
      } else {
        try write([], to: &ring)
        try socket.sendAll(frame.encoded())
      }
    }
  }

  /// Sends a frame through the ring if there is one and it has room now; false if not.
  func trySend(_ frame: WorkerFrame) throws -> Bool {
    try ring.withLock { ring in
      guard let limit = ring?.largestFrame else { return false }
      let body = frame.body()
      guard body.count <= limit, try ring?.tryWrite(body.span) == true else { return false }
      ring?.publish()
      return true
    }
  }

  private func write(_ body: [UInt8], to writer: inout RingWriter?) throws {
    while try writer?.tryWrite(body.span) == false {
      guard !isClosed.load(ordering: .relaxed) else { throw WireError("the sidecar has gone") }
      _ = try writer?.waitForRoom(spinning: .byPeer, timeout: Self.patience)
    }
    writer?.publish()
  }
}
