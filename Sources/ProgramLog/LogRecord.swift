package import FoundationEssentials
package import Logging

/// One line of a log before it is written. Pure.
package struct LogRecord: Sendable {
  package var time: Date
  package var level: Logger.Level
  package var logger: String
  package var message: String
  package var error: String?
  package var metadata: Logger.Metadata

  /// A longer text is cut, since a container runtime cuts lines of more than 16 KiB.
  package static let longestText = 8 << 10
  /// Fields that begin beyond it are left out, and the line says so.
  package static let longestLine = 64 << 10
  /// Metadata that is nested deeper is written as one text.
  package static let deepest = 8

  package init(
    time: Date, level: Logger.Level, logger: String, message: String, error: String? = nil,
    metadata: Logger.Metadata = [:]
  ) {
    self.time = time
    self.level = level
    self.logger = logger
    self.message = message
    self.error = error
    self.metadata = metadata
  }

  /// The whole line, its end included; nothing else in it ends a line.
  package func line(_ format: LogFormat) -> String {
    switch format {
    case .json: json + "\n"
    case .console: console + "\n"
    }
  }

  /// RFC 3339 in UTC with milliseconds.
  var timestamp: String { time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)) }

  /// In the order of their names, so that lines are alike. None has the name of what every line has.
  var fields: [(name: String, value: Logger.MetadataValue)] {
    metadata.map { name, value in
      let isTaken = Self.ownNames.contains(name) || name == "error" && error != nil
      return (isTaken ? "metadata.\(name)" : name, value)
    }
    .sorted { $0.name < $1.name }
  }

  private static let ownNames: Set<String> = ["time", "level", "logger", "message", "truncated"]

  /// At most `longestText` bytes of a text, and never half a character.
  static func cut(_ text: String) -> String {
    guard text.utf8.count > longestText else { return text }
    var kept = String.UnicodeScalarView()
    var bytes = 0
    for scalar in text.unicodeScalars {
      bytes += UTF8.width(scalar)
      guard bytes <= longestText else { break }
      kept.append(scalar)
    }
    return String(kept) + "…"
  }
}
