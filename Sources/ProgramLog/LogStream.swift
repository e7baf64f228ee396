import Glibc
import Synchronization

/// Where lines go: a descriptor. Each line is one `write`, so that lines of several threads do not mix, nor those of
/// several processes that share a pipe, up to what a pipe takes at once.
package final class LogStream: Sendable {
  package static let standardError = LogStream(descriptor: STDERR_FILENO)

  private let descriptor: Int32
  private let turn = Mutex(())

  /// The descriptor stays the caller's, and has to stay open.
  package init(descriptor: Int32) { self.descriptor = descriptor }

  package func write(_ line: String) {
    var rest = Array(line.utf8)[...]
    turn.withLock { _ in
      while !rest.isEmpty {
        let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        // Whoever reads has gone, or the disk is full: a program does not end for want of its log.
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
      }
    }
  }
}
