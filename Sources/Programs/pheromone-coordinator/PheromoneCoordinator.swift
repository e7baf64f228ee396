import ArgumentParser
import Coordinator
import Dataflow
import FoundationEssentials
import KubernetesClient
import Logging
import ProgramLog
import ServiceLifecycle
import UnixSignals

/// `pheromone-coordinator`: takes requests, gives each to an executor pod, and answers with what comes of it.
@main
struct PheromoneCoordinator: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pheromone-coordinator",
    abstract: "Takes requests over HTTP and runs each as a session on an executor pod.",
    discussion: """
      Sidecars dial in at --link-listen and report the sessions they hold, so it can
      be stopped and started at any moment: sessions go on meanwhile, and a request
      that is sent again with its Idempotency-Key finds its session.

        curl --data-binary @text http://127.0.0.1:8080/v1/default/wordcount
        curl -d hello 'http://127.0.0.1:8080/v1/default/wordcount?async=true'
        curl -T part http://127.0.0.1:8080/v1/default/wordcount/buckets/words/part-0
        curl http://127.0.0.1:8080/v1/default/wordcount/sessions

      Without --kubeconfig it uses $KUBECONFIG, then ~/.kube/config, then the
      service account of its pod. It serves while it holds the Lease
      pheromone-coordinator in --namespace. GET /healthz says that the process
      lives, /readyz that it serves, /metrics what it does. SIGTERM and SIGINT end
      it: what waits is answered with 503. Exit codes: 0 ended by a signal, 1 could
      not start or go on, 64 wrong usage.
      """,
    version: "0.1.0")

  @Option(help: ArgumentHelp("The kubeconfig to use.", valueName: "path"))
  var kubeconfig: String?

  @Option(help: ArgumentHelp("The operator's own namespace, where the Lease is.", valueName: "name"))
  var namespace = "pheromone-system"

  @Option(
    help: ArgumentHelp(
      "The only namespace whose workflows are served, with rights in that one alone. (default: all namespaces)",
      valueName: "name"))
  var watchNamespace: String?

  @Option(help: ArgumentHelp("Where requests, health and metrics are served.", valueName: "host:port"))
  var listen = "127.0.0.1:8080"

  @Option(help: ArgumentHelp("Where sidecars dial in.", valueName: "host:port"))
  var linkListen = "127.0.0.1:8081"

  @Option(help: ArgumentHelp("The largest payload of a request.", valueName: "bytes"))
  var maxPayload = "64Mi"

  @OptionGroup var log: LogOptions

  func validate() throws {
    for (flag, text) in [("--listen", listen), ("--link-listen", linkListen)] where Self.address(text) == nil {
      throw ValidationError("\(flag) \(text) is no address; write host:port, such as 127.0.0.1:8080")
    }
    guard let bytes = Quantity.bytes(maxPayload), bytes > 0, bytes < 1 << 30 else {
      throw ValidationError("--max-payload \(maxPayload) is no size between 1 and 1Gi; write it as 64Mi")
    }
    guard watchNamespace != "" else {
      throw ValidationError("--watch-namespace is empty; name a namespace, or leave it out to watch all of them")
    }
  }

  func run() async throws {
    let logger = log.bootstrap("pheromone-coordinator")
    guard let ingress = Self.address(listen), let links = Self.address(linkListen),
      let payload = Quantity.bytes(maxPayload)
    else { return }
    let configuration = try ClientConfiguration.load(kubeconfig: kubeconfig)
    let client = KubernetesClient(configuration, userAgent: "pheromone-coordinator/0.1.0", logger: logger)
    // The same after a restart of the container or process, so that its lease is taken up again at once. Two processes
    // of one host cannot have the same, because they cannot listen at one address.
    let identity = "\(ProcessInfo.processInfo.hostName)_\(linkListen)"
    let service = CoordinatorService(
      client: client,
      settings: CoordinatorService.Settings(
        namespace: namespace, identity: identity, ingress: ingress, links: links, maxPayload: payload,
        watchNamespace: watchNamespace),
      logger: logger)
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: [.init(service: service)], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
    try await group.run()
  }

  /// `host:port`; an IPv6 host stands in brackets.
  static func address(_ text: String) -> (host: String, port: Int)? {
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
      (0...65535).contains(port)
    else { return nil }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    return host.isEmpty ? nil : (host, port)
  }
}
