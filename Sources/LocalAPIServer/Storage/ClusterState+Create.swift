import FoundationEssentials
import KubernetesAPI

extension ClusterState {
  mutating func create(_ request: APIRequest, _ target: ResourceTarget, now: Date) throws -> Answer {
    let document = try Self.document(in: request, target.kind)
    let (object, warnings) = try create(document, request, target, ownership: nil, now: now)
    let presentation = Presentation(accept: request.accept, includeObject: request.query["includeObject"])
    return .document(
      code: 201, presentation.one(object, of: target.kind, now: now), warnings: warnings)
  }

  /// - Parameter ownership: given where the object comes from a server-side apply; otherwise its creator owns it.
  mutating func create(
    _ document: JSONValue, _ request: APIRequest, _ target: ResourceTarget, ownership: ManagedFields?, now: Date
  ) throws(APIStatus) -> (object: JSONValue, warnings: [String]) {
    let kind = target.kind
    try checkType(of: document, kind, request)
    var (object, warnings) = try cleaned(document, request, kind)
    if kind.hasStatus { object["status"] = nil }
    try setIdentity(of: &object, target, now: now)
    try checkNamespace(of: object, target)
    if kind.tracksGeneration { object[path: "metadata", "generation"] = 1 }
    object = kind.schema.defaulted(object)
    kind.rules.defaults(&object)
    var owners = ownership ?? ManagedFields(nil)
    if ownership == nil {
      owners.update(
        from: kind.rules.zero, to: object,
        by: .init(
          manager: request.manager, operation: .update, apiVersion: kind.type.apiVersion, subresource: ""),
        schema: kind.schema, now: Timestamps.text(now))
    }
    object[path: "metadata", "managedFields"] = owners.document
    kind.rules.admit(&object, now)
    kind.rules.complete(&object)
    let name = object[path: "metadata", "name"]?.stringValue ?? ""
    try check(object, old: nil, kind, name: name)
    let key = target.key(name)
    if exists(kind.storage, key) { throw .alreadyExists(kind, name) }
    if let notice = kind.notice { warnings.append(notice) }
    let stored = put(kind.rules.toStorage(object), kind.storage, key)
    var answer = Self.present(stored, kind)
    if request.isDryRun { answer[path: "metadata", "resourceVersion"] = nil }
    return (answer, warnings)
  }

  func checkType(of document: JSONValue, _ kind: KindDefinition, _ request: APIRequest) throws(APIStatus) {
    guard document.objectValue != nil else { throw .unrecognized(kind, "not an object", body: request.body) }
    if request.isApply {
      let version = document["apiVersion"]?.stringValue ?? ""
      guard version == kind.type.apiVersion else {
        throw .badRequest(
          "Incorrect version specified in apply patch. Specified patch version: \(version), expected: \(kind.type.apiVersion)"
        )
      }
    } else if kind.isCustom {
      // The kinds that are built in are known from the path; custom ones have to say what they are.
      if document["kind"]?.stringValue?.isEmpty ?? true {
        let text = String(decoding: request.body, as: UTF8.self)
        throw .unrecognized(kind, "Object 'Kind' is missing in '\(text)'", body: request.body)
      }
      if document["apiVersion"]?.stringValue?.isEmpty ?? true {
        throw .badRequest(
          "the API version in the data () does not match the expected API version (\(kind.type.apiVersion))")
      }
    }
    if let version = document["apiVersion"]?.stringValue, version != kind.type.apiVersion {
      throw .badRequest(
        "the API version in the data (\(version)) does not match the expected API version (\(kind.type.apiVersion))")
    }
    if let name = document["kind"]?.stringValue, name != kind.type.kind {
      throw .badRequest("the kind in the data (\(name)) does not match the expected kind (\(kind.type.kind))")
    }
  }

  /// Without what the kind does not know; that is an error, a warning or nothing, as the request says.
  func cleaned(_ document: JSONValue, _ request: APIRequest, _ kind: KindDefinition) throws(APIStatus) -> (
    JSONValue, [String]
  ) {
    var document = kind.isCustom ? document : Schema.withoutNulls(document)
    document["apiVersion"] = .string(kind.type.apiVersion)
    document["kind"] = .string(kind.type.kind)
    if let metadata = document["metadata"], kind.isCustom { document["metadata"] = Schema.withoutNulls(metadata) }
    let (object, unknown) = kind.schema.pruned(document)
    var problems = unknown.map { "unknown field \"\($0)\"" }
    if request.fieldValidation != .ignore, request.mediaType.hasSuffix("json"), request.body.first != UInt8(ascii: "[")
    {
      problems = DuplicateFields.paths(in: request.body).map { "duplicate field \"\($0)\"" } + problems
    }
    switch request.fieldValidation {
    case .strict where !problems.isEmpty:
      let error = "strict decoding error: \(problems.joined(separator: ", "))"
      if request.method == "PATCH", !request.isApply { throw .invalidPatch(document, error) }
      throw .badRequest(
        "\(kind.type.kind) in version \"\(kind.type.version)\" cannot be handled as a \(kind.type.kind): \(error)")
    case .warn: return (object, problems)
    default: return (object, [])
    }
  }

  private mutating func setIdentity(of object: inout JSONValue, _ target: ResourceTarget, now: Date) throws(APIStatus) {
    var metadata = object["metadata"] ?? .emptyObject
    if metadata["name"]?.stringValue?.isEmpty ?? true, let prefix = metadata["generateName"]?.stringValue {
      metadata["name"] = .string(prefix + random.suffix())
    }
    if let name = target.name, metadata["name"]?.stringValue != name {
      throw .badRequest(
        "the name of the object (\(metadata["name"]?.stringValue ?? "")) does not match the name on the URL (\(name))")
    }
    if target.kind.type.isNamespaced {
      if let given = metadata["namespace"]?.stringValue, !given.isEmpty, given != target.namespace {
        throw .badRequest("the namespace of the provided object does not match the namespace sent on the request")
      }
      guard let namespace = target.namespace else { throw .methodNotAllowed }
      metadata["namespace"] = .string(namespace)
    } else {
      metadata["namespace"] = nil
    }
    metadata["uid"] = .string(random.uid())
    metadata["creationTimestamp"] = .string(Timestamps.text(now))
    for field in ["resourceVersion", "generation", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"] {
      metadata[field] = nil
    }
    object["metadata"] = metadata
  }

  private func checkNamespace(of object: JSONValue, _ target: ResourceTarget) throws(APIStatus) {
    guard target.kind.type.isNamespaced, let name = target.namespace else { return }
    guard let namespace = self.object(Self.namespaces, ObjectKey(namespace: nil, name: name)) else {
      throw APIStatus(
        message: "namespaces \"\(name)\" not found", reason: "NotFound",
        details: .init(name: name, kind: "namespaces"), code: 404)
    }
    if namespace[path: "status", "phase"] == "Terminating" {
      throw .forbidden(
        target.kind, object[path: "metadata", "name"]?.stringValue ?? "",
        "unable to create new content in namespace \(name) because it is being terminated",
        cause: .init(
          reason: "NamespaceTerminating", message: "namespace \(name) is being terminated", field: "metadata.namespace")
      )
    }
  }

  // MARK: - Validation

  /// Everything that is wrong with an object, in the order of a real API server.
  func check(_ object: JSONValue, old: JSONValue?, _ kind: KindDefinition, name: String) throws(APIStatus) {
    let typed = kind.schema.errors(in: object, at: "")
    if !kind.isCustom, let first = typed.first {
      let isQuantity = first.body.contains("must be of type quantity")
      let problem = isQuantity ? ResourceQuantity.malformed : "json: cannot unmarshal: \(first.description)"
      throw .badRequest(
        "\(kind.type.kind) in version \"\(kind.type.version)\" cannot be handled as a \(kind.type.kind): \(problem)")
    }
    var errors = MetadataRules.problems(in: object, old: old, kind) + typed
    errors += scaleErrors(object, kind)
    // What may occur once in a built-in kind, its own rules say.
    if kind.isCustom { errors += kind.schema.duplicates(in: object, at: "") }
    if errors.contains(where: \.blocksRules), kind.schema.hasRules {
      errors.append(
        .invalid(
          "", .null,
          "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation"
        ))
    } else if let old {
      errors += kind.schema.changedImmutables(old: old, new: object, at: "")
    }
    errors += kind.rules.validate(object, old)
    if !errors.isEmpty { throw .invalid(kind, name, errors) }
    if object.canonicalData().count > Self.objectLimit {
      throw APIStatus(
        message: "the object is larger than \(Self.objectLimit) bytes; keep large data outside of the cluster's API",
        reason: "RequestEntityTooLarge", code: 413)
    }
  }

  private func scaleErrors(_ object: JSONValue, _ kind: KindDefinition) -> [FieldError] {
    guard kind.isCustom, let scale = kind.scale, let value = object.value(at: scale.specReplicas[...]) else {
      return []
    }
    let path = "." + scale.specReplicas.joined(separator: ".")
    guard let replicas = value.intValue else {
      let shown = value.stringValue ?? value.canonicalText
      return [
        .invalid(path, 0, "\(path) accessor error: \(shown) is of the type \(value.typeName), expected int64")
      ]
    }
    return replicas < 0 ? [.invalid(path, value, "should be a non-negative integer")] : []
  }
}
