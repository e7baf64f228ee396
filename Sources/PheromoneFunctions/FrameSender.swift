import SharedMemory
import Synchronization
import Wire

/// Sends whole frames, one sender at a time: through the socket at first, and through the ring once there is one.
final class FrameSender: Sendable {
  /// How long a sender waits for room in the ring before it looks whether the sidecar is still there.
  private static let patience = Duration.milliseconds(100)

  private let socket: UnixSocket
  private let outlet = Mutex(Outlet())
  private let isClosed = Atomic(false)

  private struct Outlet: ~Copyable {
    var ring: RingWriter?
    /// The frame that went last, in memory that is used again.
    var body = ByteWriter()
  }

  init(_ socket: UnixSocket) { self.socket = socket }

  /// From now on frames go through the ring.
  func useRing(_ writer: consuming RingWriter) {
    var writer: RingWriter? = writer
    outlet.withLock { $0.ring = writer.take() }
  }

  /// Lets go of those who wait for room.
  func close() { isClosed.store(true, ordering: .relaxed) }

  /// A descriptor can only be sent before there is a ring.
  func send(_ frame: WorkerFrame, descriptor: Int32? = nil) throws {
    try outlet.withLock { outlet in
      guard let limit = outlet.ring?.largestFrame else {
        return try socket.sendAll(frame.encoded(), descriptor: descriptor)
      }
      frame.replace(contentsOf: &outlet.body)
      if outlet.body.count <= limit {
        try outlet.body.withBytes { try write($0, to: &outlet.ring) }
      } else {
        try write(Span(), to: &outlet.ring)
        try socket.sendAll(frame.encoded())
      }
    }
  }

  /// Sends a frame through the ring if there is one and it has room now; false if not.
  func trySend(_ frame: WorkerFrame) throws -> Bool {
    try outlet.withLock { outlet in
      guard let limit = outlet.ring?.largestFrame else { return false }
      frame.replace(contentsOf: &outlet.body)
      guard outlet.body.count <= limit, try outlet.body.withBytes({ try outlet.ring?.tryWrite($0) }) == true else {
        return false
      }
      outlet.ring?.publish()
      return true
    }
  }

  private func write(_ body: Span<UInt8>, to writer: inout RingWriter?) throws {
    while try writer?.tryWrite(body) == false {
      guard !isClosed.load(ordering: .relaxed) else { throw WireError("the sidecar has gone") }
      _ = try writer?.waitForRoom(spinning: .byPeer, timeout: Self.patience)
    }
    writer?.publish()
  }
}
