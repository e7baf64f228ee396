import FoundationEssentials
import KubernetesAPI

extension ClusterState {
  mutating func patch(
    _ request: APIRequest, _ target: ResourceTarget, name: String, subresource: String = "", now: Date
  ) throws -> Answer {
    let kind = target.kind
    if request.isApply {
      return try apply(request, target, name: name, subresource: subresource, now: now)
    }
    let old = try read(target, name)
    let patched = try patched(old, request, kind)
    try checkType(of: patched, kind, request)
    let (object, warnings) = try cleaned(patched, request, kind)
    let owner = ManagedFields.Owner(
      manager: request.manager, operation: .update, apiVersion: kind.type.apiVersion, subresource: subresource)
    let updated = try update(target, name, from: old, to: object, owner: owner, applied: nil, now: now)
    let presentation = Presentation(accept: request.accept, includeObject: request.query["includeObject"])
    return .document(code: 200, presentation.one(updated, of: kind, now: now), warnings: warnings)
  }

  /// `old` after the patch in the body.
  func patched(_ old: JSONValue, _ request: APIRequest, _ kind: KindDefinition) throws -> JSONValue {
    let patch: JSONValue
    do {
      patch = try BodyReader.document(request.body, mediaType: request.mediaType)
    } catch {
      throw APIStatus.badRequest("error decoding patch: \(error)")
    }
    switch request.mediaType {
    case "application/merge-patch+json": return MergePatch.apply(patch, to: old)
    case "application/json-patch+json":
      do {
        return try JSONPatch.apply(patch, to: old)
      } catch {
        throw APIStatus(
          message: "the server rejected our request due to an error in our request", reason: "Invalid",
          details: .init(), code: 422)
      }
    case "application/strategic-merge-patch+json" where !kind.isCustom:
      return StrategicMergePatch.apply(patch, to: old, kind.schema)
    default:
      let strategic = kind.isCustom ? [] : ["application/strategic-merge-patch+json"]
      throw APIStatus.unsupportedMediaType(
        ["application/json-patch+json", "application/merge-patch+json"] + strategic + ["application/apply-patch+yaml"])
    }
  }

  // MARK: - Server-side apply

  private mutating func apply(
    _ request: APIRequest, _ target: ResourceTarget, name: String, subresource: String, now: Date
  ) throws -> Answer {
    let kind = target.kind
    var (applied, warnings) = try appliedDocument(request, target, name: name, subresource: subresource)
    let owner = ManagedFields.Owner(
      manager: request.manager, operation: .apply, apiVersion: kind.type.apiVersion, subresource: subresource)
    let time = Timestamps.text(now)
    if let stored = object(kind.storage, target.key(name)) {
      let old = Self.present(stored, kind)
      if let version = applied[path: "metadata", "resourceVersion"], version != old[path: "metadata", "resourceVersion"]
      {
        throw APIStatus.conflict(kind, name)
      }
      var owners = ManagedFields(old[path: "metadata", "managedFields"])
      let result: JSONValue
      do {
        result = try owners.apply(
          applied, to: old, by: owner, force: request.flag("force"), schema: kind.schema, now: time)
      } catch let conflicts {
        throw Self.failure(conflicts)
      }
      let updated = try update(target, name, from: old, to: result, owner: owner, applied: owners, now: now)
      return .document(code: 200, updated, warnings: warnings)
    }
    guard subresource.isEmpty else { throw APIStatus.notFound(kind, name) }
    let blank: JSONValue = ["metadata": ["name": .string(name)]]
    var owners = ManagedFields(nil)
    do {
      var object = try owners.apply(applied, to: blank, by: owner, force: true, schema: kind.schema, now: time)
      object["apiVersion"] = .string(kind.type.apiVersion)
      object["kind"] = .string(kind.type.kind)
      applied = object
    } catch let conflicts {
      throw Self.failure(conflicts)
    }
    let (object, more) = try create(applied, request, target, ownership: owners, now: now)
    warnings += more
    return .document(code: 201, object, warnings: warnings)
  }

  private func appliedDocument(
    _ request: APIRequest, _ target: ResourceTarget, name: String, subresource: String
  ) throws -> (JSONValue, [String]) {
    let kind = target.kind
    let document: JSONValue
    do {
      document = try BodyReader.document(request.body, mediaType: request.mediaType)
    } catch {
      throw APIStatus.badRequest("error decoding YAML: \(error)")
    }
    try checkType(of: document, kind, request)
    if let given = document[path: "metadata", "name"]?.stringValue, given != name {
      throw APIStatus.badRequest("the name of the object (\(given)) does not match the name on the URL (\(name))")
    }
    if document[path: "metadata", "managedFields"]?.arrayValue?.isEmpty == false {
      throw APIStatus.badRequest("metadata.managedFields must be nil")
    }
    var (object, warnings) = try cleaned(document, request, kind)
    if subresource == "status" {
      object = ["metadata": [:], "status": object["status"] ?? .null]
      if object["status"] == .null { object["status"] = nil }
    } else if kind.hasStatus {
      object["status"] = nil
    }
    return (object, warnings)
  }

  private static func failure(_ conflicts: ManagedFields.Conflicts) -> APIStatus {
    func name(_ owner: ManagedFields.Owner) -> String {
      var text = "\"\(owner.manager)\""
      if !owner.subresource.isEmpty { text += " with subresource \"\(owner.subresource)\"" }
      if owner.operation == .update { text += " using \(owner.apiVersion)" }
      return text
    }
    let causes = conflicts.list.map {
      APIStatus.Cause(reason: "FieldManagerConflict", message: "conflict with \(name($0.owner))", field: $0.path)
    }
    var message: String
    if conflicts.list.count == 1 {
      message =
        "Apply failed with 1 conflict: conflict with \(name(conflicts.list[0].owner)): \(conflicts.list[0].path)"
    } else {
      message = "Apply failed with \(conflicts.list.count) conflicts: "
      var lines: [String] = []
      var last: ManagedFields.Owner?
      for conflict in conflicts.list {
        if conflict.owner != last { lines.append("conflicts with \(name(conflict.owner)):") }
        last = conflict.owner
        lines.append("- \(conflict.path)")
      }
      message += lines.joined(separator: "\n")
    }
    return APIStatus(message: message, reason: "Conflict", details: .init(causes: causes), code: 409)
  }
}
