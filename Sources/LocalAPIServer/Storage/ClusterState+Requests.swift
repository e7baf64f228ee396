import FoundationEssentials
import KubernetesAPI

extension ClusterState {
  /// Answers one request. With `dryRun=All` everything happens to a copy that is then forgotten.
  mutating func handle(_ request: APIRequest, now: Date) -> Outcome {
    if request.isDryRun {
      var copy = self
      _ = copy.takeChanges()
      return Outcome(answer: copy.answer(to: request, now: now), changes: [])
    }
    let answer = answer(to: request, now: now)
    settle(now: now)
    return Outcome(answer: answer, changes: takeChanges())
  }

  /// What happens by itself as time passes: events grow old, objects whose owners are gone are collected.
  mutating func tick(now: Date) -> [Change] {
    dropOldEvents(now: now)
    collectAbandoned(now: now)
    settle(now: now)
    countDisruptions(now: now)
    return takeChanges()
  }

  private mutating func answer(to request: APIRequest, now: Date) -> Answer {
    do {
      if let fixed = try Discovery(registry: registry).answer(to: request) { return fixed }
      guard let target = try target(of: request) else { return .text(code: 404, "404 page not found\n") }
      return try perform(request, on: target, now: now)
    } catch let status as APIStatus {
      return .status(status)
    } catch {
      return .status(APIStatus(message: "\(error)", reason: "InternalError", code: 500))
    }
  }

  /// Reads `/api/v1/…` and `/apis/group/version/…`. Nil where there is no such resource.
  private func target(of request: APIRequest) throws -> ResourceTarget? {
    var parts = request.path.split(separator: "/").map(String.init)
    guard let root = parts.first, root == "api" || root == "apis" else { return nil }
    parts.removeFirst()
    var group = ""
    if root == "apis" {
      guard parts.count >= 2 else { return nil }
      group = parts.removeFirst()
    }
    guard parts.count >= 2 else { return nil }
    let version = parts.removeFirst()
    var namespace: String?
    if parts[0] == "namespaces", parts.count >= 3, !["status", "finalize"].contains(parts[2]) {
      namespace = parts[1]
      parts.removeFirst(2)
    }
    guard let kind = registry.kind(group: group, version: version, plural: parts[0]) else { return nil }
    guard parts.count <= 3, namespace == nil || kind.type.isNamespaced else { return nil }
    return ResourceTarget(
      kind: kind, namespace: namespace, name: parts.count > 1 ? parts[1] : nil,
      subresource: parts.count > 2 ? parts[2] : nil)
  }

  private mutating func perform(_ request: APIRequest, on target: ResourceTarget, now: Date) throws -> Answer {
    try WriteOptions.check(request)
    guard let name = target.name else {
      switch request.method {
      case "GET", "HEAD":
        return request.flag("watch")
          ? .watch(try watchPlan(request, target)) : try list(request, target, now: now)
      case "POST": return try create(request, target, now: now)
      case "DELETE":
        guard target.kind.canDeleteCollection else { throw APIStatus.methodNotAllowed }
        return try deleteCollection(request, target, now: now)
      default: throw APIStatus.methodNotAllowed
      }
    }
    if target.kind.type.isNamespaced, target.namespace == nil { throw APIStatus.noSuchResource }
    if let subresource = target.subresource {
      return try performSubresource(subresource, request, target, name: name, now: now)
    }
    switch request.method {
    case "GET", "HEAD":
      if request.flag("watch") { return .watch(try watchPlan(request, target)) }
      let presentation = Presentation(accept: request.accept, includeObject: request.query["includeObject"])
      try checkVersion(request.query["resourceVersion"] ?? "")
      let object = try read(target, name)
      return .document(code: 200, presentation.one(object, of: target.kind, now: now))
    case "PUT": return try replace(request, target, name: name, now: now)
    case "PATCH": return try patch(request, target, name: name, now: now)
    case "DELETE": return try delete(request, target, name: name, now: now)
    default: throw APIStatus.methodNotAllowed
    }
  }

  // MARK: - Bodies

  /// The document in the body, as JSON or YAML.
  static func document(in request: APIRequest, _ kind: KindDefinition) throws(APIStatus) -> JSONValue {
    if request.mediaType.contains("protobuf") {
      do {
        if let document = try ProtobufBody.document(request.body, kind) { return document }
      } catch {
        throw .badRequest("the protobuf in the body of the request cannot be read as a \(kind.type.kind)")
      }
      throw .unsupportedMediaType(["application/json", "application/yaml"])
    }
    if request.body.count > objectLimit * 2 {
      throw APIStatus(
        message: "Request entity too large: limit is \(objectLimit * 2)", reason: "RequestEntityTooLarge", code: 413)
    }
    do {
      return try BodyReader.document(request.body, mediaType: request.mediaType)
    } catch {
      throw .unrecognized(kind, "couldn't get version/kind; json parse error: \(error)", body: request.body)
    }
  }

  // MARK: - Reading

  /// The stored object as the kind of the request shows it.
  func read(_ target: ResourceTarget, _ name: String) throws(APIStatus) -> JSONValue {
    guard let stored = object(target.kind.storage, target.key(name)) else { throw .notFound(target.kind, name) }
    return Self.present(stored, target.kind)
  }

  static func present(_ stored: JSONValue, _ kind: KindDefinition) -> JSONValue {
    var object = kind.rules.fromStorage(stored)
    object["apiVersion"] = .string(kind.type.apiVersion)
    object["kind"] = .string(kind.type.kind)
    return object
  }
}
