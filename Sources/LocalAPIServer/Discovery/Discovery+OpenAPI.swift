import KubernetesAPI

/// Enough OpenAPI for `kubectl` to validate on the server, to explain kinds, and to be content.
extension Discovery {
  func openAPI(_ parts: [String], _ request: APIRequest) -> Answer? {
    guard parts.count >= 2 else { return nil }
    if parts[1] == "v2" {
      return request.accept.contains("protobuf") || !request.accept.contains("json")
        ? .bytes(contentType: "application/com.github.proto-openapi.spec.v2.v1.0+protobuf", Self.emptyProtobuf)
        : .document(
          code: 200,
          [
            "swagger": "2.0", "info": ["title": "Kubernetes", "version": .string(Self.gitVersion)], "paths": [:],
            "definitions": [:],
          ])
    }
    guard parts[1] == "v3" else { return nil }
    if parts.count == 2 { return .document(code: 200, index) }
    let path = parts.dropFirst(2)
    switch (path.first, path.count) {
    case ("api", 2): return .document(code: 200, document(group: "", version: path.last ?? ""))
    case ("apis", 3):
      let group = path[path.startIndex + 1]
      guard registry.versions(of: group).contains(path.last ?? "") else { return nil }
      return .document(code: 200, document(group: group, version: path.last ?? ""))
    default: return nil
    }
  }

  private var index: JSONValue {
    var paths: [String: JSONValue] = [:]
    func add(_ path: String, _ group: String, _ version: String) {
      paths[path] = ["serverRelativeURL": .string("/openapi/v3/\(path)?hash=\(hash(group: group, version: version))")]
    }
    add("api/v1", "", "v1")
    for group in registry.groups {
      for version in registry.versions(of: group) { add("apis/\(group)/\(version)", group, version) }
    }
    return ["paths": .object(paths)]
  }

  /// Changes whenever the document does, so that clients may keep it.
  private func hash(group: String, version: String) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for kind in registry.kinds(group: group, version: version) {
      for byte in kind.schema.document.canonicalText.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }
    return String(hash, radix: 16, uppercase: true)
  }

  /// An OpenAPI 2 document with nothing in it, as protobuf: old clients then leave validation to the server.
  private static var emptyProtobuf: [UInt8] {
    func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] { [number << 3 | 2, UInt8(bytes.count)] + bytes }
    let info = field(1, Array("Kubernetes".utf8)) + field(2, Array(gitVersion.utf8))
    return field(1, Array("2.0".utf8)) + field(2, info) + field(8, [])
  }

  // MARK: - One group and version

  private func document(group: String, version: String) -> JSONValue {
    var paths: [String: JSONValue] = [:]
    var schemas: [String: JSONValue] = [:]
    for kind in registry.kinds(group: group, version: version) {
      let identity: JSONValue = ["group": .string(group), "version": .string(version), "kind": .string(kind.type.kind)]
      let name = Self.schemaName(kind)
      schemas[name] = Self.published(kind.schema.document, identity: identity)
      schemas[name + "List"] = [
        "type": "object",
        "properties": [
          "apiVersion": ["type": "string"], "kind": ["type": "string"], "metadata": ["type": "object"],
          "items": ["type": "array", "items": ["$ref": .string("#/components/schemas/\(name)")]],
        ],
        "x-kubernetes-group-version-kind": [
          ["group": .string(group), "version": .string(version), "kind": .string(kind.listKind)]
        ],
      ]
      let scope = kind.type.isNamespaced ? "{namespace}" : nil
      let collection = kind.type.path(namespace: scope)
      let one = kind.type.path(namespace: scope, name: "{name}")
      func operation(_ action: String) -> JSONValue { Self.operation(action, kind: name, identity: identity) }
      paths[collection] = [
        "get": operation("list"), "post": operation("post"), "delete": operation("deletecollection"),
      ]
      paths[one] = [
        "get": operation("get"), "put": operation("put"), "patch": operation("patch"), "delete": operation("delete"),
      ]
      if kind.hasStatus {
        paths[one + "/status"] = ["get": operation("get"), "put": operation("put"), "patch": operation("patch")]
      }
      if kind.type.isNamespaced { paths[kind.type.path()] = ["get": operation("list")] }
    }
    return [
      "openapi": "3.0.0", "info": ["title": "Kubernetes", "version": .string(Self.gitVersion)],
      "paths": .object(paths), "components": ["schemas": .object(schemas)],
    ]
  }

  /// `dev.pheromone.v1alpha1.Workflow`
  private static func schemaName(_ kind: KindDefinition) -> String {
    let group =
      kind.type.group.isEmpty
      ? "io.k8s.api.core" : kind.type.group.split(separator: ".").reversed().joined(separator: ".")
    return "\(group).\(kind.type.version).\(kind.type.kind)"
  }

  private static func published(_ schema: JSONValue, identity: JSONValue) -> JSONValue {
    var schema = schema
    schema["x-kubernetes-group-version-kind"] = [identity]
    return schema
  }

  private static func operation(_ action: String, kind: String, identity: JSONValue) -> JSONValue {
    let query = ["dryRun", "fieldManager", "fieldValidation"] + (action == "patch" ? ["force"] : [])
    let reference: JSONValue = ["$ref": .string("#/components/schemas/\(kind)\(action == "list" ? "List" : "")")]
    var operation: JSONValue = [
      "x-kubernetes-action": .string(action), "x-kubernetes-group-version-kind": identity,
      "responses": ["200": ["description": "OK", "content": ["application/json": ["schema": reference]]]],
    ]
    if ["post", "put", "patch"].contains(action) {
      operation["parameters"] = .array(
        query.map {
          [
            "name": .string($0), "in": "query",
            "schema": ["type": $0 == "force" ? "boolean" : "string", "uniqueItems": true],
          ]
        })
    }
    return operation
  }
}
