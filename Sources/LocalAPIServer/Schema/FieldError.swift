import KubernetesAPI

/// One thing that is wrong with one field, worded as a Kubernetes API server words it.
struct FieldError: Error, Sendable, Hashable {
  enum Problem: String, Sendable {
    case invalid = "FieldValueInvalid"
    case typeInvalid = "FieldValueTypeInvalid"
    case required = "FieldValueRequired"
    case notSupported = "FieldValueNotSupported"
    case duplicate = "FieldValueDuplicate"
    case tooLong = "FieldValueTooLong"
    case tooMany = "FieldValueTooMany"
    case forbidden = "FieldValueForbidden"
    case notFound = "FieldValueNotFound"
  }

  var problem: Problem
  /// Empty for the object as a whole, which messages call `<nil>`.
  var path: String
  /// What follows the path, for example `Invalid value: 0: must be at least 1`.
  var body: String

  var field: String { path.isEmpty ? "<nil>" : path }
  var description: String { "\(field): \(body)" }

  /// While one of these stands, rules over several fields cannot be judged.
  var blocksRules: Bool {
    switch problem {
    case .notSupported, .required, .tooLong, .tooMany, .typeInvalid: true
    case .invalid, .duplicate, .forbidden, .notFound: false
    }
  }
}

extension FieldError {
  static func invalid(_ path: String, _ value: JSONValue, _ detail: String) -> FieldError {
    FieldError(problem: .invalid, path: path, body: "Invalid value: \(value.canonicalText): \(detail)")
  }

  static func wrongType(_ path: String, _ value: JSONValue, expected: String) -> FieldError {
    FieldError(
      problem: .typeInvalid, path: path,
      body: "Invalid value: \"\(value.typeName)\": \(path) in body must be of type \(expected): \"\(value.typeName)\"")
  }

  static func required(_ path: String, _ detail: String = "") -> FieldError {
    FieldError(problem: .required, path: path, body: detail.isEmpty ? "Required value" : "Required value: \(detail)")
  }

  static func notSupported(_ path: String, _ value: JSONValue, supported: [JSONValue]) -> FieldError {
    let list = supported.map(\.canonicalText).joined(separator: ", ")
    return FieldError(
      problem: .notSupported, path: path,
      body: "Unsupported value: \(value.canonicalText): supported values: \(list)")
  }

  static func duplicate(_ path: String, _ value: JSONValue) -> FieldError {
    FieldError(problem: .duplicate, path: path, body: "Duplicate value: \(value.canonicalText)")
  }

  static func tooLong(_ path: String, limit: Int) -> FieldError {
    FieldError(problem: .tooLong, path: path, body: "Too long: may not be more than \(limit) bytes")
  }

  static func tooMany(_ path: String, _ count: Int, limit: Int) -> FieldError {
    FieldError(problem: .tooMany, path: path, body: "Too many: \(count): must have at most \(limit) items")
  }

  static func forbidden(_ path: String, _ detail: String) -> FieldError {
    FieldError(problem: .forbidden, path: path, body: "Forbidden: \(detail)")
  }
}
