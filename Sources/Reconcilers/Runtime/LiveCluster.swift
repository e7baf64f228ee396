package import KubernetesAPI
package import KubernetesClient

/// The API server, through the client.
package struct LiveCluster: ClusterAPI {
  package static let fieldManager = "pheromone-controller"

  private let client: KubernetesClient

  package init(_ client: KubernetesClient) { self.client = client }

  package func get(_ type: ResourceType, namespace: String?, name: String) async throws -> KubernetesObject {
    try await client.get(type, namespace: namespace, name: name)
  }

  package func create(
    _ object: KubernetesObject, _ type: ResourceType, dryRun: Bool
  ) async throws -> KubernetesObject {
    try await client.create(object, type, dryRun: dryRun, fieldManager: Self.fieldManager)
  }

  package func apply(_ object: KubernetesObject, _ type: ResourceType, subresource: String?) async throws {
    _ = try await client.apply(object, type, subresource: subresource, fieldManager: Self.fieldManager, force: true)
  }

  package func patch(
    _ type: ResourceType, namespace: String?, name: String, merge: JSONValue
  ) async throws -> KubernetesObject {
    try await client.patch(type, namespace: namespace, name: name, merge: merge)
  }

  package func delete(_ type: ResourceType, namespace: String?, name: String, uid: String) async throws {
    try await client.delete(type, namespace: namespace, name: name, options: DeleteOptions(uid: uid))
  }
}
