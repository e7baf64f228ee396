/// Why there is no configuration to connect with: what is wrong, in which file and line, and what to do about it.
package struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
  package var message: String
  package var remedy: String
  package var file: String?
  package var line: Int?
  package var column: Int?

  package init(_ message: String, remedy: String, file: String? = nil, line: Int? = nil, column: Int? = nil) {
    self.message = message
    self.remedy = remedy
    self.file = file
    self.line = line
    self.column = column
  }

  package var description: String {
    let place = [file, line.map(String.init), column.map(String.init)].compactMap(\.self).joined(separator: ":")
    return (place.isEmpty ? "" : "\(place): ") + "\(message); \(remedy)"
  }
}
