import Logging

extension LogRecord {
  /// An object on one line: `time`, `level`, `logger`, `message`, `error` if there is one, then metadata as members.
  var json: String {
    var text = "{\"time\":\"\(timestamp)\",\"level\":\"\(level.rawValue)\",\"logger\":"
    Self.append(logger, to: &text)
    text += ",\"message\":"
    Self.append(message, to: &text)
    if let error {
      text += ",\"error\":"
      Self.append(error, to: &text)
    }
    for (name, value) in fields {
      guard text.utf8.count < Self.longestLine else {
        text += ",\"truncated\":true"
        break
      }
      text += ","
      Self.append(name, to: &text)
      text += ":"
      Self.append(value, depth: 1, to: &text)
    }
    return text + "}"
  }

  private static func append(_ value: Logger.MetadataValue, depth: Int, to text: inout String) {
    guard depth < deepest else { return append("\(value)", to: &text) }
    switch value {
    case .string(let string): append(string, to: &text)
    case .stringConvertible(let value): append(convertible: value, to: &text)
    case .array(let values):
      text += "["
      for (index, value) in values.enumerated() {
        if index > 0 { text += "," }
        append(value, depth: depth + 1, to: &text)
      }
      text += "]"
    case .dictionary(let members):
      text += "{"
      for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
        if index > 0 { text += "," }
        append(member.key, to: &text)
        text += ":"
        append(member.value, depth: depth + 1, to: &text)
      }
      text += "}"
    }
  }

  /// Numbers and truth values as JSON has them; what is no JSON number, such as infinity, as text.
  private static func append(convertible value: any CustomStringConvertible & Sendable, to text: inout String) {
    switch value {
    case let value as Bool: text += value ? "true" : "false"
    case let value as any BinaryInteger: text += "\(value)"
    case let value as Double where value.isFinite: text += "\(value)"
    default: append("\(value)", to: &text)
    }
  }

  /// A JSON string. Beyond what JSON asks for, whatever some reader takes for the end of a line, or a terminal for an
  /// order, is escaped too.
  static func append(_ string: String, to text: inout String) {
    text += "\""
    for scalar in cut(string).unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where isControl(scalar):
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }

  /// The control characters of ASCII and Latin 1, and Unicode's two ends of a line.
  static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) || scalar.value == 0x2028 || scalar.value == 0x2029
  }
}
