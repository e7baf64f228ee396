import ControllerRuntime
import FoundationEssentials
import Glibc
package import KubernetesAPI
package import KubernetesClient
package import Logging
import ServiceLifecycle
import Synchronization

/// Runs pods as processes of this machine. Speaks only the Kubernetes API, so that it also serves as a virtual node of a
/// real cluster. Resource limits are not enforced, and there are no namespaces: containers share the machine's
/// files, and mount paths are replaced by folders.
package struct NodeAgent: Service {
  package struct Configuration: Sendable {
    package var node: NodeIdentity
    /// Where pods' files and the record of processes are.
    package var folder: String
    package var images: ImageMap
    /// The second number of pod addresses, 127.N.x.y.
    package var addressNetwork = 1
    /// Which sixteenth of that network: agents of one machine need different ones.
    package var addressBlock = 0
    package var backOff = RestartBackOff()
    /// Taints that the node has from the start, beside the one that goes when it is ready.
    package var taints: [JSONValue] = []
    /// How long the node counts as alive after a heartbeat, of which there are four in that time.
    package var leaseDuration = Duration.seconds(40)
    /// How long pods may take to end when the agent stops, as `shutdownGracePeriod` of a kubelet.
    package var stopGrace = Duration.seconds(10)
    package var logPort = 0
    package var logLimit = 10 << 20

    package init(node: NodeIdentity, folder: String, images: ImageMap) {
      self.node = node
      self.folder = folder
      self.images = images
    }
  }

  private let client: KubernetesClient
  private let configuration: Configuration
  private let logger: Logger
  private let ready: @Sendable () -> Void

  /// `ready` is called when the node is registered and pods are watched.
  package init(
    client: KubernetesClient, configuration: Configuration, logger: Logger, ready: @escaping @Sendable () -> Void = {}
  ) {
    self.client = client
    self.configuration = configuration
    self.logger = logger
    self.ready = ready
  }

  /// Returns on graceful shutdown, after all pods' processes have ended.
  package func run() async throws {
    let ledger = try ProcessLedger(folder: configuration.folder + "/processes")
    let leftovers = ledger.endLeftovers()
    if !leftovers.isEmpty {
      logger.notice("ended what an earlier run left behind", metadata: ["processes": "\(leftovers.count)"])
    }
    try? FileManager.default.removeItem(atPath: configuration.folder + "/pods")
    let processes = ProcessTable(ledger: ledger)
    defer { for process in processes.running { processes.signal(process.pid, SIGKILL) } }

    let events = EventRecorder(
      client: client, controller: "pheromone.dev/node-agent", instance: configuration.node.name, logger: logger)
    let context = PodRunner.Context(
      node: configuration.node, folder: configuration.folder, images: configuration.images, processes: processes,
      api: PodAPI(client: client, events: events, node: configuration.node, logger: logger), logger: logger,
      logLimit: configuration.logLimit)
    let roster = PodRoster(configuration: configuration, context: context)
    let store = ResourceStore()
    let reflector = Reflector(client: client, type: .pod, store: store, logger: logger)
    let nodes = ResourceStore()
    let nodeReflector = Reflector(
      client: client, type: .node, fieldSelector: "metadata.name=\(configuration.node.name)", store: nodes,
      logger: logger)
    let registration = NodeRegistration(client: client, configuration: configuration, logger: logger)
    let (ports, portSource) = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingNewest(1))
    let logServer = LogServer(
      find: { try roster.log($0, $1, $2, previous: $3) }, host: configuration.node.address,
      port: configuration.logPort, logger: logger
    ) { portSource.yield($0) }

    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await logServer.run() }
      group.addTask { [ready] in
        for await port in ports {
          // Heartbeats go on while pods end: a node that shuts down is not lost.
          try await registration.run(port: port) { ready() }
        }
      }
      group.addTask { try await reflector.run() }
      group.addTask { try await nodeReflector.run() }
      group.addTask { await registration.watchStatus(nodes.changes().cancelOnGracefulShutdown()) }
      group.addTask {
        await roster.run(store.changes().cancelOnGracefulShutdown()) { await registration.shutDown() }
        throw AgentEnd.stopped
      }
      do {
        // The heartbeat ends only when everything else has: `waitForAll` would wait for it.
        for try await _ in group {}
      } catch AgentEnd.stopped {
        group.cancelAll()
      }
    }
  }
}

private enum AgentEnd: Error { case stopped }
