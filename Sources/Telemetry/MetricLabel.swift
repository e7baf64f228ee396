/// One label of a value.
package struct MetricLabel: Sendable, Hashable {
  package var name: String
  package var value: String

  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }

  /// As the format wants text: a backslash and the end of a line are escaped, and in a value the quote.
  static func escaped(_ text: String, quotes: Bool) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\"" where quotes: escaped += "\\\""
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}

extension MetricLabel: CustomStringConvertible {
  package var description: String { "\(name)=\"\(Self.escaped(value, quotes: true))\"" }
}
