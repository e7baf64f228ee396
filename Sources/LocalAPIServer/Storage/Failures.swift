import FoundationEssentials
import KubernetesAPI

/// The failures of a Kubernetes API server, in its own words.
extension APIStatus {
  static func notFound(_ kind: KindDefinition, _ name: String) -> APIStatus {
    APIStatus(
      message: "\(kind.resourceName) \"\(name)\" not found", reason: "NotFound",
      details: details(kind, name), code: 404)
  }

  static func alreadyExists(_ kind: KindDefinition, _ name: String) -> APIStatus {
    APIStatus(
      message: "\(kind.resourceName) \"\(name)\" already exists", reason: "AlreadyExists",
      details: details(kind, name), code: 409)
  }

  static func conflict(_ kind: KindDefinition, _ name: String) -> APIStatus {
    APIStatus(
      message:
        "Operation cannot be fulfilled on \(kind.resourceName) \"\(name)\": the object has been modified; please apply your changes to the latest version and try again",
      reason: "Conflict", details: details(kind, name), code: 409)
  }

  static func precondition(_ kind: KindDefinition, _ name: String, _ problem: String) -> APIStatus {
    APIStatus(
      message: "Operation cannot be fulfilled on \(kind.kindName) \"\(name)\": \(problem)", reason: "Conflict",
      details: Details(name: name, group: kind.type.group.isEmpty ? nil : kind.type.group, kind: kind.type.kind),
      code: 409)
  }

  static func invalid(_ kind: KindDefinition, _ name: String, _ errors: [FieldError]) -> APIStatus {
    let group = kind.type.group.isEmpty ? nil : kind.type.group
    return invalid(kindName: kind.kindName, group: group, kind: kind.type.kind, name: name, errors)
  }

  static func invalid(kindName: String, group: String?, kind: String, name: String, _ errors: [FieldError]) -> APIStatus
  {
    let lines = errors.map(\.description)
    let all = lines.count == 1 ? lines[0] : "[\(lines.joined(separator: ", "))]"
    return APIStatus(
      message: "\(kindName) \"\(name)\" is invalid: \(all)", reason: "Invalid",
      details: Details(
        name: name.isEmpty ? nil : name, group: group, kind: kind,
        causes: errors.map { Cause(reason: $0.problem.rawValue, message: $0.body, field: $0.field) }), code: 422)
  }

  static func badRequest(_ message: String) -> APIStatus {
    APIStatus(message: message, reason: "BadRequest", code: 400)
  }

  /// A body that cannot be read as what is expected.
  static func unrecognized(_ kind: KindDefinition, _ problem: String, body: Data) -> APIStatus {
    let limit = 30
    var summary = "<empty>"
    if body.first == UInt8(ascii: "{") {
      summary = String(decoding: body.prefix(limit), as: UTF8.self)
    } else if !body.isEmpty {
      summary = body.prefix(limit).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
    if body.count > limit { summary += " ..." }
    return .badRequest(
      "the object provided is unrecognized (must be of type \(kind.type.kind)): \(problem) (\(summary))")
  }

  /// A patch whose result breaks a rule that the client wants to be kept strictly.
  static func invalidPatch(_ patched: JSONValue, _ problem: String) -> APIStatus {
    let error = FieldError.invalid("patch", .string(patched.canonicalText), problem)
    return APIStatus(
      message: " \"\" is invalid: \(error.description)", reason: "Invalid",
      details: Details(causes: [Cause(reason: error.problem.rawValue, message: error.body, field: error.field)]),
      code: 422)
  }

  static func forbidden(_ kind: KindDefinition, _ name: String, _ message: String, cause: Cause? = nil) -> APIStatus {
    var details = details(kind, name)
    details.causes = cause.map { [$0] }
    return APIStatus(
      message: "\(kind.resourceName) \"\(name)\" is forbidden: \(message)", reason: "Forbidden", details: details,
      code: 403)
  }

  static let methodNotAllowed = APIStatus(
    message: "the server does not allow this method on the requested resource", reason: "MethodNotAllowed",
    details: Details(), code: 405)

  static let noSuchResource = APIStatus(
    message: "the server could not find the requested resource", reason: "NotFound", details: Details(), code: 404)

  static func unsupportedMediaType(_ accepted: [String]) -> APIStatus {
    APIStatus(
      message:
        "the body of the request was in an unknown format - accepted media types include: \(accepted.joined(separator: ", "))",
      reason: "UnsupportedMediaType", code: 415)
  }

  static func expired(_ message: String) -> APIStatus {
    APIStatus(message: message, reason: "Expired", code: 410)
  }

  /// For a list whose next page cannot be read as of its first one any more; `token` goes on with what is there now.
  static func continueExpired(_ token: String) -> APIStatus {
    var status = expired(
      "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list."
    )
    status.metadata = ["continue": .string(token)]
    return status
  }

  static func success(details: Details? = nil, code: Int? = nil) -> APIStatus {
    APIStatus(status: "Success", message: nil, details: details, code: code)
  }

  var document: JSONValue {
    var document: JSONValue = [
      "kind": "Status", "apiVersion": "v1", "metadata": metadata, "status": .string(status),
    ]
    if let message { document["message"] = .string(message) }
    if let reason { document["reason"] = .string(reason) }
    if let details { document["details"] = (try? JSONValue(encoding: details)) ?? [:] }
    if let code { document["code"] = .integer(Int64(code)) }
    return document
  }

  private static func details(_ kind: KindDefinition, _ name: String) -> Details {
    Details(name: name, group: kind.type.group.isEmpty ? nil : kind.type.group, kind: kind.type.plural)
  }
}
