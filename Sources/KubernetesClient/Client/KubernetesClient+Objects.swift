import FoundationEssentials
package import KubernetesAPI

extension KubernetesClient {
  package func get(
    _ type: ResourceType, namespace: String? = nil, name: String, subresource: String? = nil
  ) async throws -> KubernetesObject {
    try await object(
      HTTPRequest(path: type.path(namespace: place(type, namespace), name: name, subresource: subresource)))
  }

  /// Creates an object in the namespace that it names. With `dryRun` everything but the creation happens.
  package func create(
    _ object: KubernetesObject, _ type: ResourceType, dryRun: Bool = false, fieldManager: String? = nil
  ) async throws -> KubernetesObject {
    var query: [(name: String, value: String)] = []
    if dryRun { query.append(("dryRun", "All")) }
    if let fieldManager { query.append(("fieldManager", fieldManager)) }
    return try await self.object(
      HTTPRequest(
        method: "POST", path: type.path(namespace: place(type, object.namespace)), query: query,
        body: Self.body(object.document)))
  }

  /// Puts the whole object in place of the one of its name; fails with `isConflict` if that has another version.
  package func replace(
    _ object: KubernetesObject, _ type: ResourceType, subresource: String? = nil
  ) async throws -> KubernetesObject {
    let path = type.path(namespace: place(type, object.namespace), name: object.name, subresource: subresource)
    return try await self.object(HTTPRequest(method: "PUT", path: path, body: Self.body(object.document)))
  }

  /// JSON merge patch (RFC 7386): null removes a member.
  package func patch(
    _ type: ResourceType, namespace: String? = nil, name: String, subresource: String? = nil, merge: JSONValue
  ) async throws -> KubernetesObject {
    let path = type.path(namespace: place(type, namespace), name: name, subresource: subresource)
    return try await object(
      HTTPRequest(
        method: "PATCH", path: path, headers: [("Content-Type", "application/merge-patch+json")],
        body: Self.body(merge)))
  }

  /// Strategic merge patch, for the built-in kinds: lists whose elements have a key, such as conditions, are merged.
  package func patch(
    _ type: ResourceType, namespace: String? = nil, name: String, subresource: String? = nil, strategic: JSONValue
  ) async throws -> KubernetesObject {
    let path = type.path(namespace: place(type, namespace), name: name, subresource: subresource)
    return try await object(
      HTTPRequest(
        method: "PATCH", path: path, headers: [("Content-Type", "application/strategic-merge-patch+json")],
        body: Self.body(strategic)))
  }

  /// Server-side apply: the object holds exactly the fields that `fieldManager` wants to own.
  package func apply(
    _ object: KubernetesObject, _ type: ResourceType, subresource: String? = nil, fieldManager: String,
    force: Bool = true
  ) async throws -> KubernetesObject {
    let path = type.path(namespace: place(type, object.namespace), name: object.name, subresource: subresource)
    return try await self.object(
      HTTPRequest(
        method: "PATCH", path: path, query: [("fieldManager", fieldManager), ("force", force ? "true" : "false")],
        headers: [("Content-Type", "application/apply-patch+yaml")], body: Self.body(object.document)))
  }

  package func delete(
    _ type: ResourceType, namespace: String? = nil, name: String, options: DeleteOptions = DeleteOptions()
  ) async throws {
    let path = type.path(namespace: place(type, namespace), name: name)
    _ = try await sendChecked(HTTPRequest(method: "DELETE", path: path, body: Self.body(options.document)))
  }

  // MARK: - Parts

  /// The namespace that a request about one object goes to.
  private func place(_ type: ResourceType, _ namespace: String?) -> String? {
    type.isNamespaced ? namespace ?? configuration.namespace : nil
  }

  private static func body(_ document: JSONValue) -> Data { document.canonicalData() }

  private func object(_ request: HTTPRequest) async throws -> KubernetesObject {
    KubernetesObject(try parse(try await sendChecked(request).body, request))
  }

  func parse(_ body: Data, _ request: HTTPRequest) throws -> JSONValue {
    do {
      return try JSONValue(parsing: body)
    } catch {
      throw explainer.malformed("the answer is not JSON", method: request.method, path: request.path)
    }
  }
}
