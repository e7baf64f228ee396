import FoundationEssentials
import KubernetesAPI
package import KubernetesClient
package import Logging

/// Asks over HTTP. Every question is bounded in time and size, and no answer is an answer too.
package struct LivePodInsight: PodInsight {
  private let coordinator: KubernetesClient
  private let logger: Logger

  /// - Parameter coordinator: a client whose server is the coordinator's HTTP ingress; no credentials go there.
  package init(coordinator: KubernetesClient, logger: Logger) {
    self.coordinator = coordinator
    self.logger = logger
  }

  private static let limits = KubernetesClient.Request.Limits(
    connect: .seconds(1), overall: .seconds(2), silence: nil, maximumBodyBytes: 1 << 20)

  private struct Answer: Decodable {
    var pods: [String: PodLoadReport]
  }

  package func load(namespace: String, workflow: String) async -> [String: PodLoadReport]? {
    do {
      let response = try await coordinator.send(
        KubernetesClient.Request(path: "/v1/\(namespace)/\(workflow)/load", limits: Self.limits))
      guard response.head.isSuccess else { return nil }
      return try JSONValue(parsing: response.body).decode(Answer.self).pods
    } catch {
      logger.info(
        "the coordinator does not say which pods are busy; pods go in the order of ReplicaSets",
        metadata: ["workflow": "\(namespace)/\(workflow)", "error": "\(error)"])
      return nil
    }
  }

  package func unreadiness(address: String) async -> String? {
    let host = address.contains(":") ? "[\(address)]" : address
    let sidecar = KubernetesClient(
      ClientConfiguration(server: "http://\(host):\(PodComposer.port)"), userAgent: "pheromone-controller",
      logger: logger)
    guard let response = try? await sidecar.send(KubernetesClient.Request(path: "/readyz", limits: Self.limits)),
      response.status == 503
    else { return nil }
    let text = String(decoding: response.body.prefix(2048), as: UTF8.self)
    return text.trimmed
  }
}
