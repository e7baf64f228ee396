import FoundationEssentials
import KubernetesAPI

/// How an object is to be deleted.
struct Deletion: Sendable {
  enum Propagation: String, Sendable { case background = "Background", foreground = "Foreground", orphan = "Orphan" }

  var gracePeriod: Int?
  var propagation: Propagation?
  var uid: String?
  var resourceVersion: String?

  init(gracePeriod: Int? = nil, propagation: Propagation? = nil) {
    self.gracePeriod = gracePeriod
    self.propagation = propagation
  }

  /// From `DeleteOptions` in the body, or else in the query.
  init(_ request: APIRequest) throws(APIStatus) {
    var options = JSONValue.emptyObject
    if request.body.isEmpty {
      options["propagationPolicy"] = request.query["propagationPolicy"].map { .string($0) }
      options["dryRun"] = request.query["dryRun"].map { [.string($0)] }
      if let grace = request.query["gracePeriodSeconds"] {
        guard let seconds = Int64(grace) else {
          throw .badRequest("strconv.ParseInt: parsing \"\(grace)\": invalid syntax")
        }
        options["gracePeriodSeconds"] = .integer(seconds)
      }
    } else {
      do {
        options =
          request.mediaType.contains("protobuf")
          ? try ProtobufBody.deleteOptions(request.body)
          : try BodyReader.document(request.body, mediaType: request.mediaType)
      } catch {
        throw .badRequest("cannot read the DeleteOptions in the body: \(error)")
      }
    }
    try self.init(options: options)
  }

  /// From a `DeleteOptions` document.
  init(options: JSONValue) throws(APIStatus) {
    var errors: [FieldError] = []
    let policy = options["propagationPolicy"]
    if let policy, options["orphanDependents"] != nil {
      errors.append(
        .invalid("propagationPolicy", policy, "orphanDependents and deletionPropagation cannot be both set"))
    }
    propagation = policy?.stringValue.flatMap(Propagation.init(rawValue:))
    if let policy, propagation == nil {
      errors.append(
        .notSupported("propagationPolicy", policy, supported: ["Foreground", "Background", "Orphan", "nil"]))
    }
    errors += WriteOptions.dryRunErrors(options["dryRun"]?.arrayValue ?? [])
    if !errors.isEmpty { throw WriteOptions.invalid("DeleteOptions", errors) }
    if options["orphanDependents"] == true { propagation = .orphan }
    // A negative period counts as one second.
    gracePeriod = options["gracePeriodSeconds"]?.intValue.map { $0 < 0 ? 1 : $0 }
    uid = options[path: "preconditions", "uid"]?.stringValue
    resourceVersion = options[path: "preconditions", "resourceVersion"]?.stringValue
  }
}

extension ClusterState {
  mutating func delete(_ request: APIRequest, _ target: ResourceTarget, name: String, now: Date) throws -> Answer {
    let kind = target.kind
    let options = try Deletion(request)
    let object = try read(target, name)
    try checkPreconditions(options, object, kind, name)
    let key = target.key(name)
    let left = delete(kind.storage, key, options, now: now)
    if left.isGone, ![Self.pods, StorageKey(group: "", plural: "services")].contains(kind.storage) {
      let details = APIStatus.Details(
        name: name, group: kind.type.group.isEmpty ? nil : kind.type.group, kind: kind.type.plural,
        uid: object[path: "metadata", "uid"]?.stringValue)
      return .document(code: 200, APIStatus.success(details: details).document)
    }
    return .document(code: 200, Self.present(left.object, kind))
  }

  func checkPreconditions(
    _ options: Deletion, _ object: JSONValue, _ kind: KindDefinition, _ name: String
  ) throws(APIStatus) {
    let uid = object[path: "metadata", "uid"]?.stringValue ?? ""
    if let wanted = options.uid, wanted != uid {
      throw .precondition(
        kind, name,
        "the UID in the precondition (\(wanted)) does not match the UID in record (\(uid)). The object might have been deleted and then recreated"
      )
    }
    let version = object[path: "metadata", "resourceVersion"]?.stringValue ?? ""
    if let wanted = options.resourceVersion, wanted != version {
      throw .precondition(
        kind, name,
        "the ResourceVersion in the precondition (\(wanted)) does not match the ResourceVersion in record (\(version)). The object might have been modified"
      )
    }
  }

  mutating func deleteCollection(_ request: APIRequest, _ target: ResourceTarget, now: Date) throws -> Answer {
    let options = try Deletion(request)
    let filter = try WatchFilter(request, target)
    let keys = (objects[target.kind.storage] ?? [:]).filter { key, stored in
      (target.namespace == nil || key.namespace == target.namespace)
        && filter.matches(Self.present(stored, target.kind))
    }.keys.sorted()
    var items: [JSONValue] = []
    for key in keys {
      items.append(Self.present(delete(target.kind.storage, key, options, now: now).object, target.kind))
    }
    let metadata: JSONValue = ["resourceVersion": .string(String(revision))]
    return .document(code: 200, Presentation.whole.list(items, of: target.kind, metadata: metadata, now: now))
  }

  /// Deletes an object, or marks it for whom it has to wait for.
  @discardableResult
  mutating func delete(
    _ storage: StorageKey, _ key: ObjectKey, _ options: Deletion, now: Date
  ) -> (object: JSONValue, isGone: Bool) {
    guard let stored = object(storage, key) else { return (.emptyObject, true) }
    var object = stored
    if storage == Self.namespaces { return (terminate(key, object, now: now), false) }
    let uid = object[path: "metadata", "uid"]?.stringValue ?? ""
    var finalizers = object[path: "metadata", "finalizers"]?.arrayValue ?? []
    switch options.propagation {
    case .foreground where !finalizers.contains("foregroundDeletion"): finalizers.append("foregroundDeletion")
    case .orphan: releaseDependents(of: uid)
    default: break
    }
    let grace = gracePeriod(of: object, storage, options)
    let wasDeleting = object[path: "metadata", "deletionTimestamp"] != nil
    let before = object[path: "metadata", "deletionGracePeriodSeconds"]?.intValue
    if !wasDeleting || grace < before ?? 0 {
      object[path: "metadata", "deletionTimestamp"] = .string(
        Timestamps.text(now.addingTimeInterval(TimeInterval(grace))))
      object[path: "metadata", "deletionGracePeriodSeconds"] = .integer(Int64(grace))
    }
    if !wasDeleting, let generation = object[path: "metadata", "generation"]?.intValue {
      object[path: "metadata", "generation"] = .integer(Int64(generation + 1))
    }
    object[path: "metadata", "finalizers"] = finalizers.isEmpty ? Optional.none : .some(.array(finalizers))
    if Self.isFinished(object) {
      return (remove(storage, key, last: object) ?? object, true)
    }
    if object == stored { return (stored, false) }
    return (put(object, storage, key), false)
  }

  /// Only pods on a node have a grace period; a later request can only shorten it.
  private func gracePeriod(of object: JSONValue, _ storage: StorageKey, _ options: Deletion) -> Int {
    guard storage == Self.pods else { return 0 }
    let phase = object[path: "status", "phase"]?.stringValue ?? ""
    if object[path: "spec", "nodeName"]?.stringValue?.isEmpty ?? true { return 0 }
    let wanted =
      options.gracePeriod
      ?? (["Succeeded", "Failed"].contains(phase)
        ? 0 : object[path: "spec", "terminationGracePeriodSeconds"]?.intValue ?? 30)
    return max(0, wanted)
  }

  private mutating func terminate(_ key: ObjectKey, _ namespace: JSONValue, now: Date) -> JSONValue {
    if namespace[path: "metadata", "deletionTimestamp"] != nil { return namespace }
    var namespace = namespace
    namespace[path: "metadata", "deletionTimestamp"] = .string(Timestamps.text(now))
    namespace[path: "status", "phase"] = "Terminating"
    return put(namespace, Self.namespaces, key)
  }
}
