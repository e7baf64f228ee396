import FoundationEssentials
import KubernetesAPI

/// What `GET pods/x/log` asks of a node.
struct PodLogRequest: Sendable, Hashable {
  var namespace: String
  var pod: String
  var container: String
  /// Host and port of the node's kubelet endpoint.
  var host: String
  var port: Int
  /// `follow`, `tailLines`, `previous`, …, as the client gave them.
  var query: [String: String]

  /// The path at the kubelet endpoint.
  var path: String { "/containerLogs/\(namespace)/\(pod)/\(container)" }

  /// The part of the query that is the node's business.
  var passedQuery: [(name: String, value: String)] {
    ["follow", "limitBytes", "previous", "sinceSeconds", "sinceTime", "tailLines", "timestamps"].compactMap { name in
      query[name].map { (name, $0) }
    }
  }
}

extension ClusterState {
  mutating func performSubresource(
    _ subresource: String, _ request: APIRequest, _ target: ResourceTarget, name: String, now: Date
  ) throws -> Answer {
    let kind = target.kind
    let isPod = kind.storage == Self.pods
    switch (subresource, request.method) {
    case ("status", "GET") where kind.hasStatus: return .document(code: 200, try read(target, name))
    case ("status", "PUT") where kind.hasStatus:
      return try replace(request, target, name: name, subresource: "status", now: now)
    case ("status", "PATCH") where kind.hasStatus:
      return try patch(request, target, name: name, subresource: "status", now: now)
    case ("scale", _):
      guard let paths = kind.scale else { throw APIStatus.noSuchResource }
      return try scale(request, target, name: name, paths: paths, now: now)
    case ("log", "GET") where isPod: return .podLog(try podLog(request, target, name))
    case ("portforward", "GET") where isPod, ("portforward", "POST") where isPod:
      return .portForward(try portForward(target, name))
    case ("binding", "POST") where isPod: return try bind(request, target, name, now: now)
    case ("eviction", "POST") where isPod: return try evict(request, target, name, now: now)
    case ("finalize", "PUT") where kind.storage == Self.namespaces: return .document(code: 200, try read(target, name))
    case ("status", _) where kind.hasStatus, ("log", _) where isPod, ("binding", _) where isPod,
      ("eviction", _) where isPod, ("portforward", _) where isPod:
      throw APIStatus.methodNotAllowed
    default: throw APIStatus.noSuchResource
    }
  }

  // MARK: - Scale

  private mutating func scale(
    _ request: APIRequest, _ target: ResourceTarget, name: String, paths: KindDefinition.ScalePaths, now: Date
  ) throws -> Answer {
    let kind = target.kind
    let old = try read(target, name)
    if request.method == "GET" { return .document(code: 200, Self.scale(of: old, paths)) }
    var wanted: JSONValue
    switch request.method {
    case "PUT": wanted = try Self.document(in: request, kind)
    case "PATCH": wanted = try patched(Self.scale(of: old, paths), request, kind)
    default: throw APIStatus.methodNotAllowed
    }
    guard let replicas = wanted[path: "spec", "replicas"]?.intValue else {
      throw APIStatus.invalid(kind, name, [.required("spec.replicas", "a Scale has the number of replicas here")])
    }
    if replicas < 0 {
      throw APIStatus.invalid(
        kindName: "Scale.autoscaling", group: "autoscaling", kind: "Scale", name: name,
        [.invalid("spec.replicas", .integer(Int64(replicas)), "should be a non-negative integer")])
    }
    if let version = wanted[path: "metadata", "resourceVersion"]?.stringValue, !version.isEmpty,
      version != old[path: "metadata", "resourceVersion"]?.stringValue
    {
      throw APIStatus.conflict(kind, name)
    }
    var object = old
    object.set(.integer(Int64(replicas)), at: paths.specReplicas[...])
    let owner = ManagedFields.Owner(
      manager: request.manager, operation: .update, apiVersion: kind.type.apiVersion, subresource: "scale")
    let updated = try update(target, name, from: old, to: object, owner: owner, applied: nil, now: now)
    return .document(code: 200, Self.scale(of: updated, paths))
  }

  private static func scale(of object: JSONValue, _ paths: KindDefinition.ScalePaths) -> JSONValue {
    var metadata = JSONValue.emptyObject
    for field in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
      metadata[field] = object[path: "metadata", field]
    }
    var status: JSONValue = ["replicas": object.value(at: paths.statusReplicas[...]) ?? 0]
    if let path = paths.selector { status["selector"] = object.value(at: path[...]) }
    return [
      "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata,
      "spec": ["replicas": object.value(at: paths.specReplicas[...]) ?? 0], "status": status,
    ]
  }

  // MARK: - Pods

  private mutating func bind(_ request: APIRequest, _ target: ResourceTarget, _ name: String, now: Date) throws
    -> Answer
  {
    let binding = try Self.document(in: request, target.kind)
    var pod = try read(target, name)
    guard let node = binding[path: "target", "name"]?.stringValue, !node.isEmpty else {
      throw APIStatus.badRequest("a Binding names the node in target.name")
    }
    let uid = pod[path: "metadata", "uid"]?.stringValue ?? ""
    if let wanted = binding[path: "metadata", "uid"]?.stringValue, !wanted.isEmpty, wanted != uid {
      throw APIStatus.precondition(
        target.kind, name, "Precondition failed: UID in precondition: \(wanted), UID in object meta: \(uid)")
    }
    if let problem = Self.bindingProblem(of: pod, name) {
      throw APIStatus(
        message: "Operation cannot be fulfilled on pods/binding \"\(name)\": \(problem)",
        reason: "Conflict", details: .init(name: name, kind: "pods/binding"), code: 409)
    }
    pod[path: "spec", "nodeName"] = .string(node)
    setCondition(
      ["type": "PodScheduled", "status": "True", "lastTransitionTime": .string(Timestamps.text(now))], of: &pod)
    put(pod, target.kind.storage, target.key(name))
    return .document(code: 201, APIStatus.success(code: 201).document)
  }

  private static func bindingProblem(of pod: JSONValue, _ name: String) -> String? {
    if pod[path: "metadata", "deletionTimestamp"] != nil {
      return "pod \(name) is being deleted, cannot be assigned to a host"
    }
    if let bound = pod[path: "spec", "nodeName"]?.stringValue, !bound.isEmpty {
      return "pod \(name) is already assigned to node \"\(bound)\""
    }
    return pod[path: "spec", "schedulingGates"]?.arrayValue?.isEmpty ?? true
      ? nil : "pod \(name) has non-empty .spec.schedulingGates"
  }

  private mutating func evict(_ request: APIRequest, _ target: ResourceTarget, _ name: String, now: Date) throws
    -> Answer
  {
    let eviction = try Self.document(in: request, target.kind)
    guard eviction[path: "metadata", "name"]?.stringValue == name else {
      throw APIStatus.badRequest("name in URL does not match name in Eviction object")
    }
    let options = try Deletion(options: eviction["deleteOptions"] ?? .emptyObject)
    var pod = try read(target, name)
    let phase = pod[path: "status", "phase"]?.stringValue ?? ""
    if !["Pending", "Succeeded", "Failed"].contains(phase), pod[path: "metadata", "deletionTimestamp"] == nil {
      try checkBudget(of: pod, target, now: now)
    }
    try checkPreconditions(options, pod, target.kind, name)
    setCondition(
      [
        "type": "DisruptionTarget", "status": "True", "reason": "EvictionByEvictionAPI",
        "message": "Eviction API: evicting", "lastTransitionTime": .string(Timestamps.text(now)),
      ], of: &pod)
    put(pod, target.kind.storage, target.key(name))
    delete(target.kind.storage, target.key(name), options, now: now)
    countDisruptions(now: now)
    return .document(code: 201, APIStatus.success(code: 201).document)
  }

  /// Its time of transition moves only with its status.
  private func setCondition(_ condition: JSONValue, of pod: inout JSONValue) {
    var conditions = pod[path: "status", "conditions"]?.arrayValue ?? []
    var condition = condition
    if let place = conditions.firstIndex(where: { $0["type"] == condition["type"] }) {
      if conditions[place]["status"] == condition["status"] {
        condition["lastTransitionTime"] = conditions[place]["lastTransitionTime"]
      }
      conditions[place] = condition
    } else {
      conditions.append(condition)
    }
    pod[path: "status", "conditions"] = .array(conditions)
  }

  private func portForward(_ target: ResourceTarget, _ name: String) throws -> PortForwardTarget {
    let pod = try read(target, name)
    guard let address = pod[path: "status", "podIP"]?.stringValue, !address.isEmpty,
      pod[path: "status", "phase"]?.stringValue == "Running"
    else { throw APIStatus.badRequest("pod \(name) is not running, so no port of it can be forwarded") }
    return PortForwardTarget(namespace: target.namespace ?? "", pod: name, address: address)
  }

  private func podLog(_ request: APIRequest, _ target: ResourceTarget, _ name: String) throws -> PodLogRequest {
    let pod = try read(target, name)
    let spec = pod["spec"] ?? .emptyObject
    let names = ["initContainers", "containers", "ephemeralContainers"].flatMap { list in
      (spec[list]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
    }
    let main = (spec["containers"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
    let container: String
    if let asked = request.query["container"], !asked.isEmpty {
      guard names.contains(asked) else {
        throw APIStatus.badRequest("container \(asked) is not valid for pod \(name)")
      }
      container = asked
    } else if names.count == 1 || main.count == 1, let only = main.first {
      container = only
    } else {
      throw APIStatus.badRequest(
        "a container name must be specified for pod \(name), choose one of: [\(names.joined(separator: " "))]")
    }
    guard let nodeName = spec["nodeName"]?.stringValue, !nodeName.isEmpty else {
      throw APIStatus.badRequest("pod \(name) does not have a host assigned")
    }
    let missing = APIStatus(
      message: "pods \"\(nodeName)\" not found", reason: "NotFound", details: .init(name: nodeName, kind: "pods"),
      code: 404)
    guard let node = object(StorageKey(group: "", plural: "nodes"), ObjectKey(namespace: nil, name: nodeName)) else {
      throw missing
    }
    let addresses = node[path: "status", "addresses"]?.arrayValue ?? []
    let host = addresses.first { $0["type"] == "InternalIP" }?["address"]?.stringValue
    guard let host, let port = node[path: "status", "daemonEndpoints", "kubeletEndpoint", "Port"]?.intValue, port > 0
    else {
      throw APIStatus(
        message: "node \(nodeName) has no InternalIP or no kubelet endpoint in its status; is its agent running?",
        reason: "ServiceUnavailable", code: 503)
    }
    return PodLogRequest(
      namespace: target.namespace ?? "", pod: name, container: container, host: host, port: port, query: request.query)
  }
}
