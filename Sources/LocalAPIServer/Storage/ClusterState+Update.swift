import FoundationEssentials
import KubernetesAPI

extension ClusterState {
  mutating func replace(
    _ request: APIRequest, _ target: ResourceTarget, name: String, subresource: String = "", now: Date
  ) throws -> Answer {
    let kind = target.kind
    let document = try Self.document(in: request, kind)
    try checkType(of: document, kind, request)
    let old = try read(target, name)
    if let given = document[path: "metadata", "name"]?.stringValue, given != name {
      throw APIStatus.badRequest(
        "the name of the object (\(given)) does not match the name on the URL (\(name))")
    }
    if kind.isCustom, document[path: "metadata", "resourceVersion"]?.stringValue?.isEmpty ?? true {
      throw APIStatus.invalid(
        kind, name,
        [
          FieldError(
            problem: .invalid, path: "metadata.resourceVersion",
            body: "Invalid value: 0x0: must be specified for an update")
        ])
    }
    let (object, warnings) = try cleaned(document, request, kind)
    let owner = ManagedFields.Owner(
      manager: request.manager, operation: .update, apiVersion: kind.type.apiVersion, subresource: subresource)
    let updated = try update(target, name, from: old, to: object, owner: owner, applied: nil, now: now)
    return .document(code: 200, updated, warnings: warnings)
  }

  /// Stores a changed object, unless nothing changed.
  /// - Parameter applied: the owners after a server-side apply; otherwise `owner` takes what it changed.
  mutating func update(
    _ target: ResourceTarget, _ name: String, from old: JSONValue, to new: JSONValue, owner: ManagedFields.Owner,
    applied: ManagedFields?, now: Date
  ) throws(APIStatus) -> JSONValue {
    let kind = target.kind
    var object = try settled(new, from: old, kind, name, subresource: owner.subresource)
    object = kind.schema.defaulted(object)
    kind.rules.defaults(&object)
    var owners: ManagedFields
    if let applied {
      owners = applied
    } else {
      owners = ManagedFields(new[path: "metadata", "managedFields"] ?? old[path: "metadata", "managedFields"])
      owners.update(from: old, to: object, by: owner, schema: kind.schema, now: Timestamps.text(now))
    }
    object[path: "metadata", "managedFields"] = owners.document
    kind.rules.complete(&object)
    try check(object, old: old, kind, name: name)
    if kind.tracksGeneration, Self.desire(object, kind) != Self.desire(old, kind) {
      let generation = (old[path: "metadata", "generation"]?.intValue ?? 0) + 1
      object[path: "metadata", "generation"] = .integer(Int64(generation))
    }
    object[path: "metadata", "resourceVersion"] = old[path: "metadata", "resourceVersion"]
    if object == old { return old }
    let key = target.key(name)
    if Self.isFinished(object) {
      remove(kind.storage, key, last: kind.rules.toStorage(object))
      return object
    }
    return Self.present(put(kind.rules.toStorage(object), kind.storage, key), kind)
  }

  /// Checks identity and version, and takes over what this door may not change.
  private func settled(
    _ new: JSONValue, from old: JSONValue, _ kind: KindDefinition, _ name: String, subresource: String
  ) throws(APIStatus) -> JSONValue {
    let current = old[path: "metadata", "resourceVersion"]
    if let given = new[path: "metadata", "resourceVersion"]?.stringValue, !given.isEmpty, given != current?.stringValue
    {
      throw .conflict(kind, name)
    }
    if let given = new[path: "metadata", "uid"]?.stringValue, !given.isEmpty,
      given != old[path: "metadata", "uid"]?.stringValue
    {
      throw .precondition(
        kind, name,
        "Precondition failed: UID in precondition: \(given), UID in object meta: \(old[path: "metadata", "uid"]?.stringValue ?? "")"
      )
    }
    var object = new
    if subresource == "status" {
      object = old
      object["status"] = new["status"]
    } else if kind.hasStatus {
      object["status"] = old["status"]
    }
    for field in [
      "name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation",
      "generateName", "selfLink",
    ] {
      object[path: "metadata", field] = old[path: "metadata", field]
    }
    if object[path: "metadata", "finalizers"]?.arrayValue?.isEmpty ?? false {
      object[path: "metadata", "finalizers"] = nil
    }
    return object
  }

  /// What a generation counts: everything but metadata and status.
  private static func desire(_ object: JSONValue, _ kind: KindDefinition) -> JSONValue {
    var desire = object
    desire["metadata"] = nil
    if kind.hasStatus { desire["status"] = nil }
    return desire
  }

  /// Whether an object that is being deleted has nothing left to wait for.
  static func isFinished(_ object: JSONValue) -> Bool {
    guard object[path: "metadata", "deletionTimestamp"] != nil else { return false }
    let grace = object[path: "metadata", "deletionGracePeriodSeconds"]?.intValue ?? 0
    return grace == 0 && object[path: "metadata", "finalizers"]?.arrayValue?.isEmpty ?? true
      && object[path: "spec", "finalizers"] == nil
  }
}
