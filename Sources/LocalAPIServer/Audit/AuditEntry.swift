import FoundationEssentials
import KubernetesAPI

/// What one request asked for, in the terms in which RBAC allows it.
struct AuditEntry: Sendable, Hashable {
  /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete` or `deletecollection`; the HTTP method in lower case
  /// where the path names no resource.
  var verb: String
  /// Nil where the path names no resource.
  var resource: String?
  var group = ""
  var subresource = ""
  /// Empty for what has none, and for all of them.
  var namespace = ""
  /// Empty unless one object is meant; a creation has none, as at a real API server.
  var name = ""
  var path: String
  var userAgent: String
  var code: Int
  var isDryRun: Bool

  init(_ request: APIRequest, code: Int) {
    path = request.path
    userAgent = request.userAgent
    self.code = code
    isDryRun = request.isDryRun
    verb = request.method.lowercased()
    var parts = request.path.split(separator: "/").map(String.init)
    guard let root = parts.first, root == "api" || root == "apis" else { return }
    parts.removeFirst()
    let prefix = root == "api" ? 1 : 2
    guard parts.count > prefix else { return }
    if root == "apis" { group = parts[0] }
    parts.removeFirst(prefix)
    if parts[0] == "namespaces", parts.count > 2, !["status", "finalize"].contains(parts[2]) {
      namespace = parts[1]
      parts.removeFirst(2)
    }
    resource = parts[0]
    if parts.count > 1 { name = parts[1] }
    if parts.count > 2 { subresource = parts[2...].joined(separator: "/") }
    verb = Self.verb(of: request, hasName: !name.isEmpty)
    if name.isEmpty, ["list", "watch"].contains(verb) { name = Self.selectedName(request) }
  }

  private static func verb(of request: APIRequest, hasName: Bool) -> String {
    switch request.method {
    case "GET", "HEAD": request.flag("watch") ? "watch" : hasName ? "get" : "list"
    case "POST": "create"
    case "PUT": "update"
    case "PATCH": "patch"
    case "DELETE": hasName ? "delete" : "deletecollection"
    default: request.method.lowercased()
    }
  }

  /// A list of one object counts as being about it.
  private static func selectedName(_ request: APIRequest) -> String {
    let terms = (request.query["fieldSelector"] ?? "").split(separator: ",")
    let name = terms.first { $0.hasPrefix("metadata.name=") }?.dropFirst("metadata.name=".count)
    return String(name?.drop { $0 == "=" } ?? "")
  }

  /// One line, without what is empty.
  func line(at time: Date) -> String {
    var document: JSONValue = [
      "time": .string(Timestamps.text(time)), "verb": .string(verb), "code": .integer(Int64(code)),
      "userAgent": .string(userAgent),
    ]
    if let resource {
      document["resource"] = .string(resource)
      for (field, value) in [
        ("group", group), ("subresource", subresource), ("namespace", namespace), ("name", name),
      ] where !value.isEmpty { document[field] = .string(value) }
    } else {
      document["path"] = .string(path)
    }
    if isDryRun { document["dryRun"] = true }
    return document.canonicalText + "\n"
  }
}
