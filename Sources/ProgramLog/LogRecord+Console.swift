import Logging

extension LogRecord {
  /// For people: time, level, logger and message, then metadata as `name=value`.
  ///
  ///     2026-11-25T04:28:43.123Z info     pheromone-controller: starting listen=127.0.0.1:8082 server="a b"
  var console: String {
    let level = level.rawValue
    var text = "\(timestamp) \(level)\(String(repeating: " ", count: 8 - level.utf8.count)) \(Self.plain(logger)): "
    text += Self.plain(Self.cut(message))
    if let error { text += " error=\(Self.quoted(error))" }
    for (name, value) in fields {
      guard text.utf8.count < Self.longestLine else { return text + " …" }
      text += " \(Self.plain(Self.cut(name)))=\(Self.quoted("\(value)"))"
    }
    return text
  }

  /// In quotes where a reader could not tell otherwise where it ends.
  private static func quoted(_ value: String) -> String {
    let isPlain = !value.isEmpty && value.unicodeScalars.allSatisfy { $0 > " " && $0 != "\"" && $0 != "=" }
    let text = plain(cut(value))
    return isPlain ? text : "\"\(text.replacing("\"", with: "\\\""))\""
  }

  /// Without anything that would end the line or tell the terminal to do something.
  private static func plain(_ text: String) -> String {
    var plain = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": plain += "\\n".unicodeScalars
      case "\r": plain += "\\r".unicodeScalars
      case "\t": plain += "\\t".unicodeScalars
      case _ where isControl(scalar): plain += "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars
      default: plain.append(scalar)
      }
    }
    return String(plain)
  }
}
