import CProcess
import Glibc

/// Waits for the end of a process that need not be a child of this one.
final class ProcessWatch {
  private let descriptor: Int32

  /// Nil if there is no such process.
  init?(pid: Int32) {
    descriptor = cprocess_watch(pid)
    guard descriptor >= 0 else { return nil }
  }

  deinit { close(descriptor) }

  /// Returns when the process has ended, all its threads and its open files with it. False if the time was over first.
  func awaitEnd(until deadline: ContinuousClock.Instant) -> Bool {
    while true {
      let left = (deadline - ContinuousClock.now) / Duration.milliseconds(1)
      guard left > 0 else { return false }
      var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      if unsafe poll(&entry, 1, Int32(min(left.rounded(.up), 60_000))) > 0 { return true }
    }
  }
}
