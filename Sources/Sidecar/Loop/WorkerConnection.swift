import DequeModule
import SharedMemory
import Wire

/// One connected process of the SDK: what it has sent of a frame so far, and what it has yet to be sent.
struct WorkerConnection {
  /// More than this many unsent bytes mean that the process does not read any more.
  static let outboxLimit = 64 << 20

  let socket: UnixSocket
  var inbox = FrameBuffer(sizeLimit: WorkerFrame.sizeLimit)
  private var outbox: Deque<Outgoing> = []
  private var outboxSize = 0

  private struct Outgoing {
    var bytes: ArraySlice<UInt8>
    /// Kept until its descriptor is on its way, even when the segment is dropped meanwhile.
    var segment: MemorySegment?
  }

  init(socket: UnixSocket) { self.socket = socket }

  var hasUnsent: Bool { !outbox.isEmpty }

  /// False when the process has let too much pile up.
  mutating func enqueue(_ frame: SidecarFrame, segment: MemorySegment?) -> Bool {
    let bytes = frame.encoded()
    outbox.append(Outgoing(bytes: bytes[...], segment: segment))
    outboxSize += bytes.count
    return outboxSize <= Self.outboxLimit
  }

  /// Sends what the socket takes now.
  mutating func flush() throws(SystemError) {
    while var next = outbox.first {
      guard let sent = try socket.send(next.bytes, descriptor: next.segment?.descriptor) else { return }
      outboxSize -= sent
      next.bytes = next.bytes.dropFirst(sent)
      next.segment = nil
      if next.bytes.isEmpty {
        outbox.removeFirst()
      } else {
        outbox[0] = next
      }
    }
  }
}
