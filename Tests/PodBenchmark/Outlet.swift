import Foundation
import SharedMemory
import Synchronization
import Wire

/// What a coordinator sends over one link. Every four seconds it says by itself that it lives, since a sidecar that hears
/// nothing for ten dials again.
final class Outlet: Sendable {
  private let socket: UnixSocket
  /// Held while something is sent, so that frames do not mix.
  private let sending = Mutex(())
  private let timer: EventLoop
  private let isClosed = Atomic(false)

  init(_ socket: UnixSocket) throws {
    self.socket = socket
    timer = try EventLoop()
    Thread.detachNewThread { [self] in
      while !isClosed.load(ordering: .relaxed) {
        _ = try? timer.wait(timeout: .seconds(4))
        // A sidecar that has gone is the driver's to notice, which waits for what it says.
        try? send(CoordinatorFrame.ping.encoded())
      }
    }
  }

  func send(_ bytes: [UInt8]) throws { try sending.withLock { _ in try socket.sendAll(bytes) } }

  /// The link is not needed any more.
  func close() {
    isClosed.store(true, ordering: .relaxed)
    timer.wake()
  }
}
