/// What is wrong with a YAML text, and where.
package struct YAMLError: Error, Sendable, Hashable, CustomStringConvertible {
  package var message: String
  package var file: String
  package var position: YAMLPosition

  package init(_ message: String, file: String, position: YAMLPosition) {
    self.message = message
    self.file = file
    self.position = position
  }

  package var line: Int { position.line }
  package var column: Int { position.column }
  package var description: String { "\(file):\(line):\(column): \(message)" }
}

/// A place in a text. Lines and columns count from 1; columns count characters.
package struct YAMLPosition: Sendable, Hashable, CustomStringConvertible {
  package var line: Int
  package var column: Int

  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  package var description: String { "\(line):\(column)" }
}
