import KubernetesAPI

/// Tells clients which kinds there are, and answers the health paths.
struct Discovery: Sendable {
  var registry: KindRegistry

  static let gitVersion = "v1.36.2"

  /// Nil for paths that are about objects.
  func answer(to request: APIRequest) throws(APIStatus) -> Answer? {
    let parts = request.path.split(separator: "/").map(String.init)
    guard let root = parts.first else {
      return .document(code: 200, ["paths": ["/api", "/apis", "/healthz", "/openapi/v3", "/version"]])
    }
    switch root {
    case "healthz", "readyz", "livez": return .text(code: 200, "ok")
    case "version": return .document(code: 200, version)
    case "openapi": return openAPI(parts, request)
    case "api" where parts.count == 1:
      return aggregated(request, groups: [""]) ?? .document(code: 200, ["kind": "APIVersions", "versions": ["v1"]])
    case "api" where parts.count == 2 && parts[1] == "v1": return .document(code: 200, resources(group: "", "v1"))
    case "apis" where parts.count == 1:
      return aggregated(request, groups: registry.groups)
        ?? .document(
          code: 200, ["kind": "APIGroupList", "apiVersion": "v1", "groups": .array(registry.groups.map(group))])
    case "apis" where parts.count == 2 && registry.groups.contains(parts[1]):
      var document = group(parts[1])
      document["kind"] = "APIGroup"
      document["apiVersion"] = "v1"
      return .document(code: 200, document)
    case "apis" where parts.count == 3 && registry.versions(of: parts[1]).contains(parts[2]):
      return .document(code: 200, resources(group: parts[1], parts[2]))
    default: return nil
    }
  }

  private var version: JSONValue {
    [
      "major": "1", "minor": "36", "gitVersion": .string(Self.gitVersion), "gitCommit": "", "gitTreeState": "clean",
      "buildDate": "2026-01-01T00:00:00Z", "goVersion": "none", "compiler": "swift", "platform": "linux/amd64",
    ]
  }

  private func group(_ name: String) -> JSONValue {
    let versions = registry.versions(of: name).map { version -> JSONValue in
      ["groupVersion": .string("\(name)/\(version)"), "version": .string(version)]
    }
    return [
      "name": .string(name), "versions": .array(versions), "preferredVersion": versions.first ?? [:],
    ]
  }

  // MARK: - Resource lists

  private static func verbs(of kind: KindDefinition) -> [JSONValue] {
    let all: [JSONValue] = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
    return kind.canDeleteCollection ? all : all.filter { $0 != "deletecollection" }
  }

  private struct Subresource {
    var name: String
    var group: String
    var version: String
    var kind: String
    var verbs: [JSONValue]
  }

  private static func subresources(of kind: KindDefinition) -> [Subresource] {
    var found: [Subresource] = kind.subresources.map {
      Subresource(
        name: $0.name, group: $0.group, version: $0.version, kind: $0.kind, verbs: $0.verbs.map(JSONValue.string))
    }
    if kind.hasStatus {
      found.append(
        Subresource(name: "status", group: "", version: "", kind: kind.type.kind, verbs: ["get", "patch", "update"]))
    }
    if kind.scale != nil {
      found.append(
        Subresource(
          name: "scale", group: "autoscaling", version: "v1", kind: "Scale", verbs: ["get", "patch", "update"]))
    }
    return found
  }

  private func resources(group: String, _ version: String) -> JSONValue {
    var list: [JSONValue] = []
    for kind in registry.kinds(group: group, version: version) {
      var entry: JSONValue = [
        "name": .string(kind.type.plural), "singularName": .string(kind.singular),
        "namespaced": .bool(kind.type.isNamespaced), "kind": .string(kind.type.kind),
        "verbs": .array(Self.verbs(of: kind)),
      ]
      if !kind.shortNames.isEmpty { entry["shortNames"] = .array(kind.shortNames.map(JSONValue.string)) }
      if !kind.categories.isEmpty { entry["categories"] = .array(kind.categories.map(JSONValue.string)) }
      list.append(entry)
      for subresource in Self.subresources(of: kind) {
        var entry: JSONValue = [
          "name": .string("\(kind.type.plural)/\(subresource.name)"), "singularName": "",
          "namespaced": .bool(kind.type.isNamespaced), "kind": .string(subresource.kind),
          "verbs": .array(subresource.verbs),
        ]
        if !subresource.group.isEmpty {
          entry["group"] = .string(subresource.group)
          entry["version"] = .string(subresource.version)
        }
        list.append(entry)
      }
    }
    return [
      "kind": "APIResourceList", "apiVersion": "v1",
      "groupVersion": .string(group.isEmpty ? version : "\(group)/\(version)"), "resources": .array(list),
    ]
  }

  // MARK: - Aggregated discovery

  private func aggregated(_ request: APIRequest, groups: [String]) -> Answer? {
    for version in ["v2", "v2beta1"] where request.accept.contains("v=\(version);as=APIGroupDiscoveryList") {
      return .document(
        code: 200,
        [
          "kind": "APIGroupDiscoveryList", "apiVersion": .string("apidiscovery.k8s.io/\(version)"), "metadata": [:],
          "items": .array(groups.map(aggregatedGroup)),
        ], contentType: "application/json;g=apidiscovery.k8s.io;v=\(version);as=APIGroupDiscoveryList")
    }
    return nil
  }

  private func aggregatedGroup(_ group: String) -> JSONValue {
    let versions = registry.versions(of: group).map { version -> JSONValue in
      [
        "version": .string(version), "freshness": "Current",
        "resources": .array(registry.kinds(group: group, version: version).map(aggregatedKind)),
      ]
    }
    return ["metadata": group.isEmpty ? [:] : ["name": .string(group)], "versions": .array(versions)]
  }

  private func aggregatedKind(_ kind: KindDefinition) -> JSONValue {
    func response(_ group: String, _ version: String, _ kind: String) -> JSONValue {
      ["group": .string(group), "version": .string(version), "kind": .string(kind)]
    }
    var entry: JSONValue = [
      "resource": .string(kind.type.plural),
      "responseKind": response(kind.type.group, kind.type.version, kind.type.kind),
      "scope": kind.type.isNamespaced ? "Namespaced" : "Cluster", "singularResource": .string(kind.singular),
      "verbs": .array(Self.verbs(of: kind)),
    ]
    if !kind.shortNames.isEmpty { entry["shortNames"] = .array(kind.shortNames.map(JSONValue.string)) }
    if !kind.categories.isEmpty { entry["categories"] = .array(kind.categories.map(JSONValue.string)) }
    let inner = Self.subresources(of: kind).map { subresource -> JSONValue in
      let isOwn = subresource.group.isEmpty
      return [
        "subresource": .string(subresource.name),
        "responseKind": response(
          isOwn ? kind.type.group : subresource.group, isOwn ? kind.type.version : subresource.version, subresource.kind
        ),
        "verbs": .array(subresource.verbs),
      ]
    }
    if !inner.isEmpty { entry["subresources"] = .array(inner) }
    return entry
  }
}
