/// What the system refused, and why.
package struct PosixError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What was tried, such as "open /etc/hosts".
  package var operation: String
  /// The kernel's error number.
  package var code: Int32

  package init(_ operation: String, code: Int32) {
    self.operation = operation
    self.code = code
  }

  /// Why, in the system's words.
  package var reason: String { Errno.text(code) }

  package var description: String { "cannot \(operation): \(reason)" }
}
