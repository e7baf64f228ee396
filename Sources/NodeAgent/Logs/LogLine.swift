package import FoundationEssentials

/// One line of a container's log as it is kept: the time, whether the line is whole (`F`) or goes on (`P`), the text.
///
///     2026-11-23T12:00:00.123456Z F counting 4 parts
package struct LogLine: Sendable, Hashable {
  package var timestamp: String
  package var isWhole: Bool
  package var text: [UInt8]

  package init(timestamp: String, isWhole: Bool, text: [UInt8]) {
    self.timestamp = timestamp
    self.isWhole = isWhole
    self.text = text
  }

  /// Reads a kept line, without its end of line.
  package init?(_ bytes: ArraySlice<UInt8>) {
    let space = UInt8(ascii: " ")
    guard let first = bytes.firstIndex(of: space), first + 2 < bytes.endIndex, bytes[first + 2] == space else {
      return nil
    }
    timestamp = String(decoding: bytes[..<first], as: UTF8.self)
    isWhole = bytes[first + 1] == UInt8(ascii: "F")
    text = Array(bytes[(first + 3)...])
  }

  package var kept: [UInt8] { Array("\(timestamp) \(isWhole ? "F" : "P") ".utf8) + text + [UInt8(ascii: "\n")] }

  /// As it is given to people: a line that goes on has no end of line.
  package func shown(withTimestamp: Bool) -> [UInt8] {
    (withTimestamp ? Array("\(timestamp) ".utf8) : []) + text + (isWhole ? [UInt8(ascii: "\n")] : [])
  }

  /// RFC 3339 with microseconds.
  package static func timestamp(_ date: Date) -> String {
    let micros = Int64((date.timeIntervalSince1970 * 1e6).rounded(.down))
    let whole = Date(timeIntervalSince1970: Double(micros / 1_000_000)).formatted(.iso8601)
    let fraction = String(micros % 1_000_000)
    return whole.dropLast() + "." + String(repeating: "0", count: 6 - fraction.count) + fraction + "Z"
  }
}
