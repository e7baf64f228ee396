import KubernetesAPI
import KubernetesClient

/// What is in a new cluster: its namespaces, and the Service by which the command line finds the coordinator.
struct ClusterBootstrap: Sendable {
  static let namespaces = ["default", "kube-system", "kube-node-lease", "pheromone-system"]

  let client: KubernetesClient
  let ports: ClusterRecord.Ports
  /// Without an operator there is no coordinator to be found.
  let hasOperator: Bool

  func run() async throws {
    for name in Self.namespaces { try await create(KubernetesObject(.namespace, name: name), .namespace) }
    if hasOperator { try await createService() }
  }

  private func createService() async throws {
    let labels: JSONValue = ["app.kubernetes.io/name": "pheromone", "app.kubernetes.io/component": "coordinator"]
    var service = KubernetesObject(.service, namespace: "pheromone-system", name: "pheromone-coordinator")
    service["metadata", "labels"] = labels
    service["spec"] = [
      "type": "LoadBalancer", "selector": labels,
      "ports": [["name": "http", "port": .integer(Int64(ports.ingress)), "protocol": "TCP"]],
    ]
    try await create(service, .service)
    _ = try await client.patch(
      .service, namespace: "pheromone-system", name: "pheromone-coordinator", subresource: "status",
      merge: ["status": ["loadBalancer": ["ingress": [["ip": "127.0.0.1"]]]]])
  }

  private func create(_ object: KubernetesObject, _ type: ResourceType) async throws {
    do { _ = try await client.create(object, type) } catch let error as KubernetesError where error.isAlreadyExists {}
  }
}
