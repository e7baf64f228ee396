import Glibc

/// The clock that all processes of a machine share and nobody sets.
package enum MonotonicClock {
  /// Nanoseconds since some moment of the past. Costs no system call.
  package static func nanoseconds() -> Int64 {
    var time = timespec()
    // It fills a variable of this function.
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
