import ArgumentParser
import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import Logging
import NodeAgent
import ServiceLifecycle
import UnixSignals

struct ClusterJoin: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "join",
    abstract: "Join this machine to a cluster as one more node, in the foreground.",
    discussion: """
      Pods that are bound to the node run as processes of this machine. It joins any
      cluster that the kubeconfig leads to; on one that is not local, taint it so that
      only pods land there that are meant to:

        pheromone cluster join --node laptop --taint example.com/laptop=yes:NoSchedule

      On SIGTERM and SIGINT the node shuts down as a kubelet does: it is not ready any
      more, and its pods end within their grace, failed with the reason Terminated. The
      Node object stays; kubectl delete node removes it.

      Exit codes: 0 shut down, 1 failed, 64 wrong usage.
      """)

  @Option(name: .long, help: "The name of the node.")
  var node: String

  @Option(help: ArgumentHelp("The kubeconfig to use.", valueName: "path"))
  var kubeconfig: String?

  @Option(help: ArgumentHelp("The context of the kubeconfig to use.", valueName: "name"))
  var context: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Where pods' files are; one folder for each node.", valueName: "folder"))
  var directory = ".pheromone-node"

  @Option(
    name: .long,
    help: ArgumentHelp("A folder of executables that stands for an image, as for start.", valueName: "name=folder"))
  var image: [String] = []

  @Option(name: .long, help: ArgumentHelp("A label of the node. Repeatable.", valueName: "key=value"))
  var label: [String] = []

  @Option(name: .long, help: ArgumentHelp("A taint of the node. Repeatable.", valueName: "key=value:effect"))
  var taint: [String] = []

  @Option(name: .long, help: ArgumentHelp("How long the node counts as alive after a heartbeat.", valueName: "seconds"))
  var lease = 40

  @Option(name: .long, help: ArgumentHelp("How long pods may take to end on a shutdown.", valueName: "seconds"))
  var grace = 30

  @Option(
    name: .long,
    help:
      "Which sixteenth of the cluster's addresses in 127.0.0.0/8 its pods get; nodes of one machine need different ones."
  )
  var addressBlock = 15

  func validate() throws {
    guard (1...600).contains(lease) else { throw ValidationError("--lease has to be from 1 to 600.") }
    guard (0...3600).contains(grace) else { throw ValidationError("--grace has to be from 0 to 3600.") }
    guard (0..<PodAddressAllocator.blockCount).contains(addressBlock) else {
      throw ValidationError("--address-block has to be from 0 to \(PodAddressAllocator.blockCount - 1).")
    }
    for entry in image where !entry.contains("=") {
      throw ValidationError("--image wants NAME=FOLDER, not \"\(entry)\".")
    }
    _ = try (labels(), taints())
  }

  func run() async throws {
    var logger = Logger(label: "node")
    logger.logLevel = .info
    let server = try ClientConfiguration.load(kubeconfig: kubeconfig, context: context)
    let client = KubernetesClient(server, userAgent: "pheromone-node", logger: logger)
    let files = ClusterFiles(directory: directory)
    try FileManager.default.createDirectory(atPath: files.directory, withIntermediateDirectories: true)
    let images = try Programs().imageFolders.merging(ClusterSettings.folders(of: image)) { $1 }
    var agent = NodeAgent.Configuration(
      node: NodeIdentity(name: node, address: "127.0.0.1", capacity: .ofThisMachine(), labels: try labels()),
      folder: files.directory, images: ImageMap(folders: images))
    agent.taints = try taints()
    agent.leaseDuration = .seconds(lease)
    agent.stopGrace = .seconds(grace)
    agent.addressNetwork = PodAddressAllocator.network(forPort: URL(string: server.server)?.port ?? 443)
    agent.addressBlock = addressBlock
    let name = node
    let service = NodeAgent(client: client, configuration: agent, logger: logger) { say("node \(name) is ready") }
    let group = ServiceGroup(
      services: [service], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    try await group.run()
  }

  private func labels() throws -> [String: String] {
    var labels: [String: String] = [:]
    for entry in label {
      let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, !parts[0].isEmpty else {
        throw ValidationError("--label wants KEY=VALUE, not \"\(entry)\".")
      }
      labels[parts[0]] = parts[1]
    }
    return labels
  }

  private func taints() throws -> [JSONValue] {
    try taint.map { entry in
      guard let match = entry.wholeMatch(of: #/([^=:]+)(?:=([^:]*))?:(NoSchedule|PreferNoSchedule|NoExecute)/#) else {
        throw ValidationError(
          "--taint wants KEY=VALUE:EFFECT, with NoSchedule, PreferNoSchedule or NoExecute as effect, not \"\(entry)\".")
      }
      var taint: JSONValue = ["key": .string(String(match.1)), "effect": .string(String(match.3))]
      if let value = match.2, !value.isEmpty { taint["value"] = .string(String(value)) }
      return taint
    }
  }
}
