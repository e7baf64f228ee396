import ArgumentParser
import FoundationEssentials
import Glibc
import KubernetesAPI
import KubernetesClient
import LocalAPIServer
import Logging
import NodeAgent
import NodeControl
import Posix
import ServiceLifecycle
import UnixSignals

/// The background process.
struct ClusterRun: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run the local cluster in the foreground.",
    discussion: "What `start` runs in the background. Ends on SIGTERM and SIGINT.", shouldDisplay: false)

  @OptionGroup var cluster: ClusterOptions
  @OptionGroup var settings: ClusterSettings

  func run() async throws {
    let files = cluster.files
    try files.prepare()
    let lock = try lock(files)
    defer { close(lock) }
    let programs = try Programs()
    if !settings.noOperator { try programs.requireComponents() }
    let definitions = try Self.definitions(in: try programs.manifests(given: settings.manifests))

    let images = try settings.imageFolders()
    var logger = Logger(label: "cluster")
    logger.logLevel = .info
    var configuration = LocalAPIServer.Configuration(port: settings.port, logger: logger)
    configuration.audit = settings.auditLog.map { .init(path: $0) }
    let server = LocalAPIServer(configuration: configuration)
    try server.install(customResourceDefinitions: definitions)
    try files.writeKubeconfig(port: settings.port)
    let ports = settings.ports
    let own = ProcessInfo.processInfo.processIdentifier
    let record = ClusterRecord(
      process: ProcessIdentity(runningAs: own) ?? ProcessIdentity(pid: own, startTime: nil), ports: ports,
      nodes: settings.nodeNames, kubeconfig: files.kubeconfig, startedAt: Date().formatted(.iso8601),
      images: images)
    try record.write(to: files.record)
    defer { unsafe unlink(files.record) }

    let client = KubernetesClient(
      ClientConfiguration(server: "http://127.0.0.1:\(ports.api)"), userAgent: "pheromone-cluster", logger: logger)
    let agents = settings.nodeNames.enumerated().map { index, name in
      var agent = NodeAgent.Configuration(
        node: NodeIdentity(name: name, address: "127.0.0.1", capacity: .ofThisMachine()), folder: files.node(index),
        images: ImageMap(folders: programs.imageFolders.merging(images) { $1 }))
      agent.addressNetwork = PodAddressAllocator.network(forPort: ports.api)
      agent.addressBlock = index
      return NodeAgent(client: client, configuration: agent, logger: logger)
    }
    let components =
      settings.noOperator
      ? [] : ClusterComponent.standard(programs: programs, ports: ports, kubeconfig: files.kubeconfig)
    // Shutdown goes the other way round: no pod is placed any more, then pods end, then the components, the API server
    // last.
    let group = ServiceGroup(
      configuration: .init(
        services: [
          .init(service: server),
          .init(
            service: ComponentSupervisor(
              components: components, files: files, record: record,
              bootstrap: ClusterBootstrap(client: client, ports: ports, hasOperator: !settings.noOperator),
              logger: logger)),
          .init(service: NodeAgents(agents)),
          .init(service: NodeLifecycle(client: client, logger: logger)),
          .init(service: PodScheduler(client: client, logger: logger)),
        ],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
    try await group.run()
  }

  /// One process per folder, also when two are started at the same moment.
  private func lock(_ files: ClusterFiles) throws -> Int32 {
    let path = files.directory + "/lock"
    let file = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw ClusterError("Cannot open \(path): \(Errno.current).") }
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      close(file)
      throw ClusterError("A cluster runs already in \(files.directory). Stop it with: pheromone cluster stop")
    }
    return file
  }

  private static func definitions(in manifests: String) throws -> [JSONValue] {
    let folder = manifests + "/crds"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".yaml") }.sorted()
    guard !names.isEmpty else { throw ClusterError("There are no *.yaml files in \(folder).") }
    return try names.flatMap { name in
      let path = "\(folder)/\(name)"
      return try YAML.parse(try String(contentsOfFile: path, encoding: .utf8), file: path)
    }
  }
}
