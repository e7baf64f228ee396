import SharedMemory
import Synchronization
import Wire

/// Sends whole frames, one sender at a time.
final class FrameSender: Sendable {
  private let socket: UnixSocket
  private let turn = Mutex(())

  init(_ socket: UnixSocket) { self.socket = socket }

  func send(_ frame: WorkerFrame) throws {
    let bytes = frame.encoded()
    try turn.withLock { _ in try socket.sendAll(bytes) }
  }
}
