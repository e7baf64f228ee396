import Glibc
import SharedMemory

/// Waits for one descriptor, to the nanosecond: an event loop's milliseconds are too coarse for many sessions a second.
enum Readiness {
  /// Whether there is something to read before the moment of `MonotonicClock`; sleeps meanwhile.
  static func isReadable(_ descriptor: Int32, until deadline: Int64) throws -> Bool {
    let rest = max(0, deadline - MonotonicClock.nanoseconds())
    guard (0..<FD_SETSIZE).contains(descriptor) else { throw BenchError("too many files are open") }
    var time = timespec(tv_sec: Int(rest / 1_000_000_000), tv_nsec: Int(rest % 1_000_000_000))
    var set = fd_set()
    // A bit for each descriptor, of which this one is inside the set.
    unsafe withUnsafeMutableBytes(of: &set) { unsafe $0[Int(descriptor / 8)] |= 1 << UInt8(descriptor % 8) }
    // Both are variables of this function.
    let count = unsafe pselect(descriptor + 1, &set, nil, nil, &time, nil)
    guard count >= 0 || errno == EINTR else { throw BenchError("cannot wait for a socket: error \(errno)") }
    return count > 0
  }
}
