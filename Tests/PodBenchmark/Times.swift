/// Nanoseconds on their way from a function to the driver, as outputs: 8 bytes each, little-endian.
enum Times {
  static func encoded(_ times: [Int64]) -> [UInt8] {
    times.flatMap { time in (0..<8).map { UInt8(truncatingIfNeeded: time >> ($0 * 8)) } }
  }

  static func decoded(_ bytes: [UInt8]) -> [Int64] {
    stride(from: 0, to: bytes.count - 7, by: 8).map { start in
      (0..<8).reduce(0) { $0 | Int64(bytes[start + $1]) << ($1 * 8) }
    }
  }
}
