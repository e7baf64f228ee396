import FoundationEssentials
import KubernetesAPI

/// A request as the pure core sees it.
struct APIRequest: Sendable {
  var method: String
  /// Decoded, without the query.
  var path: String
  var query: [String: String] = [:]
  var accept = "application/json"
  var contentType = "application/json"
  var userAgent = ""
  var body = Data()

  func flag(_ name: String) -> Bool { ["true", "1", "True"].contains(query[name] ?? "") }

  /// Who is writing: the `fieldManager`, or else the program's name.
  var manager: String {
    if let manager = query["fieldManager"], !manager.isEmpty { return manager }
    let program = userAgent.split(separator: "/").first.map(String.init) ?? ""
    return program.isEmpty ? "unknown" : program
  }

  /// A server-side apply.
  var isApply: Bool { mediaType == "application/apply-patch+yaml" }

  enum FieldValidation: String, Sendable { case strict = "Strict", warn = "Warn", ignore = "Ignore" }

  var fieldValidation: FieldValidation { query["fieldValidation"].flatMap(FieldValidation.init(rawValue:)) ?? .warn }

  /// The media type without parameters.
  var mediaType: String {
    String(contentType.split(separator: ";").first ?? "").filter { $0 != " " }
  }
}

/// What a request is about.
struct ResourceTarget: Sendable {
  var kind: KindDefinition
  var namespace: String?
  var name: String?
  var subresource: String?

  func key(_ name: String) -> ObjectKey { ObjectKey(namespace: kind.type.isNamespaced ? namespace : nil, name: name) }
}

/// What a request is answered with.
enum Answer: Sendable {
  case document(code: Int, JSONValue, warnings: [String] = [], contentType: String = "application/json")
  case text(code: Int, String)
  case bytes(contentType: String, [UInt8])
  case watch(WatchPlan)
  case podLog(PodLogRequest)
  case portForward(PortForwardTarget)

  static func status(_ status: APIStatus) -> Answer { .document(code: status.code ?? 500, status.document) }
}

struct Outcome: Sendable {
  var answer: Answer
  var changes: [Change]
}
