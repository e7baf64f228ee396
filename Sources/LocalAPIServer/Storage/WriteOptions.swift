import FoundationEssentials
import KubernetesAPI

/// What a write is asked for besides its object: `dryRun`, `fieldValidation`, `fieldManager` and `force` in the query.
enum WriteOptions {
  private static let managerLimit = 128

  /// Refuses what a real API server refuses about them, in its words.
  static func check(_ request: APIRequest) throws(APIStatus) {
    let kind: String
    switch request.method {
    case "POST": kind = "CreateOptions"
    case "PUT": kind = "UpdateOptions"
    case "PATCH": kind = "PatchOptions"
    default: return
    }
    let manager = request.query["fieldManager"] ?? ""
    var errors: [FieldError] = []
    if request.method == "PATCH" {
      if !request.isApply, request.query["force"] != nil {
        errors.append(.forbidden("force", "may not be specified for non-apply patch"))
      }
      if request.isApply, manager.isEmpty { errors.append(.required("fieldManager", "is required for apply patch")) }
    }
    if manager.utf8.count > managerLimit { errors.append(.tooLong("fieldManager", limit: managerLimit)) }
    errors += dryRunErrors(request.query["dryRun"].map { [.string($0)] } ?? [])
    let validation = request.query["fieldValidation"] ?? ""
    if !validation.isEmpty, APIRequest.FieldValidation(rawValue: validation) == nil {
      errors.append(
        .notSupported("fieldValidation", .string(validation), supported: ["", "Ignore", "Strict", "Warn"]))
    }
    if !errors.isEmpty { throw invalid(kind, errors) }
  }

  static func dryRunErrors(_ values: [JSONValue]) -> [FieldError] {
    values.allSatisfy { $0 == "All" } ? [] : [.notSupported("dryRun", .array(values), supported: ["All"])]
  }

  static func invalid(_ kind: String, _ errors: [FieldError]) -> APIStatus {
    .invalid(kindName: "\(kind).meta.k8s.io", group: "meta.k8s.io", kind: kind, name: "", errors)
  }
}

extension APIRequest {
  /// Whether everything is to happen as usual and nothing to be kept.
  ///
  /// As at a real API server, the body of a deletion counts instead of the query, and an eviction may say it in either.
  var isDryRun: Bool {
    switch method {
    case "DELETE" where !body.isEmpty: bodyAsksForDryRun(at: ["dryRun"])
    case "POST" where path.hasSuffix("/eviction"):
      query["dryRun"] == "All" || bodyAsksForDryRun(at: ["deleteOptions", "dryRun"])
    default: query["dryRun"] == "All"
    }
  }

  private func bodyAsksForDryRun(at path: [String]) -> Bool {
    let document = try? BodyReader.document(body, mediaType: mediaType)
    return document?.value(at: path[...])?.arrayValue?.contains("All") ?? false
  }
}
