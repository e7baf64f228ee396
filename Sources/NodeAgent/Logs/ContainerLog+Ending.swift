import FoundationEssentials
import Posix

extension ContainerLog {
  /// What a kubelet keeps of the log of a container that has failed: at most so many of the last lines, and of these at
  /// most so many of the last bytes.
  package static let endingLines = 80
  package static let endingBytes = 2048

  /// The end of what was written, without the end of its last line. For a log that is closed: what is not a whole line yet
  /// is not seen.
  package func ending() -> String {
    // Lines begin with a time, and the first one that is read may lack its beginning.
    let most = Self.endingBytes + Self.endingLines * 64 + Self.lineLimit
    var bytes = Self.last(most, of: path)
    if bytes.count < most { bytes = Self.last(most - bytes.count, of: rotatedPath) + bytes }
    if bytes.count == most { bytes = Array(bytes.drop { $0 != UInt8(ascii: "\n") }) }
    var lines: ArraySlice<LogLine> = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
      .compactMap { LogLine($0) }[...]
    lines = lines.suffix(Self.endingLines)
    let text = lines.flatMap { $0.shown(withTimestamp: false) }.suffix(Self.endingBytes)
      // Not in the middle of a character.
      .drop { $0 & 0xc0 == 0x80 }
    let end = text.lastIndex { $0 != UInt8(ascii: "\n") }.map { $0 + 1 } ?? text.startIndex
    return String(decoding: text[..<end], as: UTF8.self)
  }

  private static func last(_ count: Int, of path: String) -> [UInt8] {
    guard count > 0, let file = try? OpenFile(reading: path), let size = try? file.size() else { return [] }
    try? file.seek(to: max(0, size - count))
    return Array((try? file.readToEnd(limit: count)) ?? Data())
  }
}
