import Glibc

/// What the host itself says goes to standard error, one line at a time, where the container's log shows it.
enum Console {
  static func write(_ message: String) {
    let line = Array("pheromone: \(message)\n".utf8)
    // A log that cannot be written to must not stop the work.
    _ = unsafe line.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
