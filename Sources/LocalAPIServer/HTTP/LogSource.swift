import KubernetesAPI
import KubernetesClient
import Logging

/// Reads container logs from the kubelet endpoint of a node, as a real API server does.
struct LogSource: Sendable {
  let logger: Logger

  func stream(_ asked: PodLogRequest) -> HTTPStream {
    let client = KubernetesClient(
      ClientConfiguration(server: "http://\(asked.host):\(asked.port)"), userAgent: "pheromone-apiserver",
      logger: logger)
    return client.stream(HTTPRequest(path: asked.path, query: asked.passedQuery, limits: .stream))
  }
}
