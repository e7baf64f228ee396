import ArgumentParser
import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import Logging

/// How a command finds the coordinator and the namespace.
struct CoordinatorOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The coordinator's address. Default: $PHEROMONE_COORDINATOR_URL, else its Service, else kubectl port-forward.",
      valueName: "url"))
  var coordinator: String?

  @OptionGroup var server: ServerOptions

  /// Finds the coordinator, lets `body` talk to it, and ends a port-forward that was needed for it.
  func withCoordinator(_ body: (Coordinator) async throws -> Void) async throws {
    let environment = ProcessInfo.processInfo.environment
    let address = coordinator ?? environment["PHEROMONE_COORDINATOR_URL"].flatMap { $0.isEmpty ? nil : $0 }
    if let address {
      guard address.hasPrefix("http://") || address.hasPrefix("https://") else {
        throw CommandFailure(.failed, "\(address) is no address of a coordinator; write it as http://host:port")
      }
      let space = server.namespace ?? (try? server.configuration().namespace)
      return try await body(Coordinator(address, namespace: space ?? "default"))
    }
    let configuration = try server.configuration()
    let space = server.namespace ?? configuration.namespace
    let service = try await Self.service(configuration)
    if let address = Self.address(of: service) { return try await body(Coordinator(address, namespace: space)) }
    let tunnel = try await PortForward(service: service, kubeconfig: server.kubeconfig, context: server.context)
    do {
      try await body(Coordinator(tunnel.address, namespace: space))
      tunnel.end()
    } catch {
      throw Self.explained(error, by: tunnel.end())
    }
  }

  /// An answer that did not come through a tunnel, with what kubectl says of the reason.
  private static func explained(_ error: any Error, by kubectl: String) -> any Error {
    let lines = kubectl.split(separator: "\n").filter {
      !$0.hasPrefix("Handling connection") && !$0.hasPrefix("Forwarding")
    }
    guard var failure = error as? CommandFailure, failure.code == .unavailable, !lines.isEmpty else { return error }
    failure.message += "\nkubectl port-forward: \(lines.joined(separator: "\n"))"
    return failure
  }

  private static func service(_ configuration: ClientConfiguration) async throws -> KubernetesObject {
    let client = KubernetesClient(configuration, userAgent: Coordinator.userAgent, logger: Coordinator.logger)
    let found: ObjectList
    do {
      found = try await client.list(
        .service, labelSelector: "app.kubernetes.io/name=pheromone,app.kubernetes.io/component=coordinator")
    } catch let error as KubernetesError where error.isUnreachable {
      throw CommandFailure(.unavailable, "\(error)")
    }
    guard let service = found.items.first else {
      throw CommandFailure(
        .unavailable,
        "\(configuration.server) has no Service of a coordinator; install Pheromone (kubectl apply -f "
          + "manifests/install.yaml), start a local cluster (pheromone cluster start), or name it with --coordinator")
    }
    return service
  }

  static func address(of service: KubernetesObject) -> String? {
    guard let ingress = service["status", "loadBalancer", "ingress"]?[0],
      let host = ingress["ip"]?.stringValue ?? ingress["hostname"]?.stringValue
    else { return nil }
    let ports = service["spec", "ports"]?.arrayValue ?? []
    guard let port = (ports.first { $0["name"] == "http" } ?? ports.first)?["port"]?.intValue else { return nil }
    return "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
  }
}

/// The coordinator at the other end.
struct Coordinator {
  static let userAgent = "pheromone/0.1.0"
  static var logger: Logger {
    var logger = Logger(label: "pheromone") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = .error
    return logger
  }

  let address: String
  let namespace: String
  private let client: KubernetesClient

  init(_ address: String, namespace: String) {
    let bare = address.hasSuffix("/") ? String(address.dropLast()) : address
    self.address = bare
    self.namespace = namespace
    client = KubernetesClient(ClientConfiguration(server: bare), userAgent: Self.userAgent, logger: Self.logger)
  }

  func send(_ request: KubernetesClient.Request) async throws -> KubernetesClient.Response {
    do {
      return try await client.send(request)
    } catch let error as KubernetesError {
      throw CommandFailure(.unavailable, "no answer from the coordinator at \(address): \(error.message)")
    }
  }

  /// The body of the answer; what is no success becomes a failure.
  func fetch(_ path: String, method: String = "GET") async throws -> Data {
    try await answer(path, method: method).body
  }

  /// The answer; what is no success becomes a failure.
  func answer(_ path: String, method: String = "GET") async throws -> KubernetesClient.Response {
    let response = try await send(
      KubernetesClient.Request(
        method: method, path: path, limits: .init(overall: .seconds(60), maximumBodyBytes: 1 << 30)))
    guard response.head.isSuccess else { throw CommandFailure(status: response.status, body: response.body) }
    return response
  }

  /// The path of something of a workflow.
  func path(_ workflow: String, _ rest: String...) -> String {
    let parts = ["v1", namespace, workflow] + rest
    return "/" + parts.map { PercentEncoding.encode($0) }.joined(separator: "/")
  }
}
