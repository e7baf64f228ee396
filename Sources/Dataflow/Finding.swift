/// Something that the static check has against a workflow: where it is, what is wrong, and what to do about it.
package struct Finding: Sendable, Hashable, Codable, CustomStringConvertible {
  /// Kind and name, such as `Bucket/words`.
  package var resource: String
  /// Path inside the resource, such as `spec.triggers[0].target`.
  package var field: String
  package var message: String
  package var remedy: String
  package var severity: Severity

  package enum Severity: String, Sendable, Hashable, Codable {
    /// The workflow is not accepted.
    case error
    /// A guess, or something without effect. The workflow runs all the same.
    case warning
  }

  package init(resource: String, field: String, message: String, remedy: String, severity: Severity = .error) {
    self.resource = resource
    self.field = field
    self.message = message
    self.remedy = remedy
    self.severity = severity
  }

  package var isError: Bool { severity == .error }
  package var description: String { "\(resource): \(field): \(message); \(remedy)" }
}
