import HTTPTypes
import Hummingbird
import KubernetesClient
import Logging
import Reconcilers
import ServiceLifecycle

/// Health and metrics over HTTP.
enum HealthServer {
  static func service(
    address: ListenAddress, metrics: ControllerMetrics, traffic: Traffic, logger: Logger
  ) -> any Service {
    let router = Router()
    router.get("/healthz") { _, _ in "ok\n" }
    router.get("/readyz") { _, _ in
      if metrics.isWaitingForCaches {
        throw HTTPError(.serviceUnavailable, message: "the caches are being filled from the API server")
      }
      return metrics.isSynced ? "ok\n" : "ok, another replica acts\n"
    }
    router.get("/metrics") { _, _ in metrics.text(traffic: traffic) }
    return Application(
      router: router,
      configuration: ApplicationConfiguration(
        address: .hostname(address.host, port: address.port), serverName: "pheromone-controller"),
      logger: logger)
  }
}
