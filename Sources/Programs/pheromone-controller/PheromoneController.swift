import ArgumentParser
import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import Logging
import ProgramLog
import Reconcilers
import ServiceLifecycle
import UnixSignals

/// `pheromone-controller`: turns `Workflow` and `Bucket` resources into executor pods and status.
@main
struct PheromoneController: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pheromone-controller",
    abstract: "Keeps the executor pods of every Workflow as its resource says.",
    discussion: """
      It watches Workflows, Buckets and executor pods in all namespaces, or in the one that --watch-namespace names, \
      creates and deletes pods, and writes conditions and replica counts into the status. It can be stopped at any moment: what runs goes on, and whoever \
      starts next continues.

      In a cluster it runs from manifests/install.yaml. Against any other cluster, with its kubeconfig:

        pheromone-controller --kubeconfig ~/.kube/config --no-leader-elect \\
          --coordinator 10.0.0.5:8081 --coordinator-url http://10.0.0.5:8080

      Without --kubeconfig it uses $KUBECONFIG, then ~/.kube/config, then the service account of its pod.

      GET /healthz says that the process lives, /readyz that it can act (or waits for its lease), /metrics what it \
      does. SIGTERM and SIGINT end it after it has released its lease. Exit codes: 0 ended by a signal, 1 could not \
      start or go on, 64 wrong usage.
      """,
    version: "0.1.0")

  @Option(help: ArgumentHelp("The kubeconfig to use.", valueName: "path"))
  var kubeconfig: String?

  @Option(help: ArgumentHelp("The operator's own namespace, where the Lease is.", valueName: "name"))
  var namespace = "pheromone-system"

  @Option(
    help: ArgumentHelp(
      "Where sidecars reach the coordinator; goes into every pod. "
        + "(default: pheromone-coordinator.<namespace>.svc:8081)", valueName: "host:port"))
  var coordinator: String?

  @Option(
    help: ArgumentHelp(
      "Where this program asks the coordinator which pods are busy. "
        + "(default: http://pheromone-coordinator.<namespace>.svc:8080)", valueName: "url"))
  var coordinatorURL: String?

  private var linkAddress: String { coordinator ?? "pheromone-coordinator.\(namespace).svc:8081" }
  private var ingressURL: String { coordinatorURL ?? "http://pheromone-coordinator.\(namespace).svc:8080" }

  @Option(help: ArgumentHelp("The image of the pheromone-sidecar container.", valueName: "image"))
  var sidecarImage = "ghcr.io/pheromone-dev/pheromone-sidecar:0.1.0"

  @Option(
    help: ArgumentHelp(
      "The only namespace whose workflows are reconciled, with rights in that one alone. (default: all namespaces)",
      valueName: "name"))
  var watchNamespace: String?

  @Option(help: ArgumentHelp("Where health and metrics are served.", valueName: "host:port"))
  var listen = "127.0.0.1:8082"

  @Flag(inversion: .prefixedNo, help: "Act only while holding the Lease pheromone-controller.")
  var leaderElect = true

  @Option(
    help: ArgumentHelp(
      "How many workflows may replace their pods at a time because the sidecar's image changed.", valueName: "n"))
  var maxConcurrentRollouts = 5

  @Option(help: ArgumentHelp("How many workflows, and how many buckets, are looked at at a time.", valueName: "n"))
  var concurrentReconciles = 4

  @Option(
    name: .customLong("kube-api-qps"),
    help: ArgumentHelp(
      "How many requests a second the API server gets at most, on average. The Lease's do not count.",
      valueName: "n"))
  var kubeAPIQPS = 100.0

  @Option(
    name: .customLong("kube-api-burst"),
    help: ArgumentHelp("How many requests it may get at once beyond that, after quieter times.", valueName: "n"))
  var kubeAPIBurst = 200

  @OptionGroup var log: LogOptions

  func validate() throws {
    guard maxConcurrentRollouts >= 1 else {
      throw ValidationError("--max-concurrent-rollouts has to be 1 or more, not \(maxConcurrentRollouts)")
    }
    guard (1...100).contains(concurrentReconciles) else {
      throw ValidationError("--concurrent-reconciles has to be from 1 to 100, not \(concurrentReconciles)")
    }
    guard kubeAPIQPS >= 1, kubeAPIQPS <= 100_000 else {
      throw ValidationError("--kube-api-qps has to be from 1 to 100000, not \(kubeAPIQPS)")
    }
    guard (1...100_000).contains(kubeAPIBurst) else {
      throw ValidationError("--kube-api-burst has to be from 1 to 100000, not \(kubeAPIBurst)")
    }
    guard ListenAddress(listen) != nil else {
      throw ValidationError("--listen \(listen) is no address; write host:port, such as 127.0.0.1:8082")
    }
    guard ListenAddress(linkAddress) != nil else {
      throw ValidationError("--coordinator \(linkAddress) is no address; write host:port, such as 10.0.0.5:8081")
    }
    guard watchNamespace != "" else {
      throw ValidationError("--watch-namespace is empty; name a namespace, or leave it out to watch all of them")
    }
    guard ingressURL.hasPrefix("http://") || ingressURL.hasPrefix("https://") else {
      throw ValidationError("--coordinator-url \(ingressURL) is no URL; write it as http://host:port")
    }
  }

  func run() async throws {
    let logger = log.bootstrap("pheromone-controller")
    guard let address = ListenAddress(listen) else { return }

    let configuration = try ClientConfiguration.load(kubeconfig: kubeconfig)
    let userAgent = "pheromone-controller/0.1.0"
    let client = KubernetesClient(
      configuration, userAgent: userAgent, logger: logger, rate: TokenBucket(rate: kubeAPIQPS, burst: kubeAPIBurst))
    // A client of its own: however much there is to do, the lease is renewed in time.
    let leases = KubernetesClient(configuration, userAgent: userAgent, logger: logger, traffic: client.traffic)
    let ingress = KubernetesClient(
      ClientConfiguration(server: ingressURL), userAgent: userAgent, logger: logger)
    let identity = "\(ProcessInfo.processInfo.hostName)_\(UUID().uuidString.prefix(8))"
    let metrics = ControllerMetrics()
    let controller = Controller(
      client: client, insight: LivePodInsight(coordinator: ingress, logger: logger),
      events: LiveEvents(
        EventRecorder(client: client, controller: "pheromone.dev/controller", instance: identity, logger: logger)),
      settings: Controller.Settings(
        composer: PodComposer(
          sidecarImage: sidecarImage, coordinator: linkAddress, logLevel: log.logLevel?.rawValue,
          logFormat: log.logFormat?.rawValue),
        concurrentRollouts: maxConcurrentRollouts, workers: concurrentReconciles, watchNamespace: watchNamespace),
      metrics: metrics, logger: logger)

    let worker: any Service =
      leaderElect
      ? LeaderElector(
        client: leases, namespace: namespace, name: "pheromone-controller", identity: identity, logger: logger
      ) { try await controller.run() }
      : SoleController(controller: controller)
    logger.info(
      "starting",
      metadata: [
        "server": .string(configuration.server), "namespace": .string(namespace), "listen": .string(listen),
        "watchNamespace": .string(watchNamespace ?? "all"), "leaderElection": "\(leaderElect)",
      ])
    let health = HealthServer.service(address: address, metrics: metrics, traffic: client.traffic, logger: logger)
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: [.init(service: health), .init(service: worker)],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
    try await group.run()
  }
}

/// The controller without an election, for where there is only one.
struct SoleController: Service {
  let controller: Controller

  func run() async throws {
    try await cancelWhenGracefulShutdown {
      do {
        try await controller.run()
      } catch is CancellationError where Task.isShuttingDownGracefully {}
    }
  }
}
