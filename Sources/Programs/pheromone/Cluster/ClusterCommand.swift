import ArgumentParser
import FoundationEssentials

struct ClusterCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cluster",
    abstract: "A local cluster for development: an API server for kubectl, and pods as local processes.",
    discussion: """
      It lives in memory and in one folder (.pheromone unless --directory says
      otherwise), needs neither Docker nor root, and listens on loopback only. What
      it is not: rules in CEL are not evaluated, requests are not authorized, there
      is no services network, and resource limits are not enforced.

        pheromone cluster start
        export KUBECONFIG=$PWD/.pheromone/kubeconfig
        kubectl get nodes
        pheromone cluster status
        pheromone cluster stop
      """,
    subcommands: [ClusterStart.self, ClusterStop.self, ClusterStatus.self, ClusterJoin.self, ClusterRun.self])
}

/// Which cluster is meant.
struct ClusterOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("The folder of the cluster.", valueName: "folder"))
  var directory = ".pheromone"

  var files: ClusterFiles { ClusterFiles(directory: directory) }
}

/// What a cluster runs with: the flags that `start` passes on to the background process.
struct ClusterSettings: ParsableArguments {
  @Option(
    name: .long,
    help: "The API server's port. The three above it are for the coordinator (requests, sidecars) and the controller.")
  var port = 7780

  @Option(
    name: .long,
    help: ArgumentHelp(
      "A folder of executables that stands for an image, by its name without tag or by a prefix that ends in /*. "
        + "Repeatable. The images of Pheromone itself are known.", valueName: "name=folder"))
  var image: [String] = []

  @Option(name: .long, help: "The name of the node; further ones are called the same with -2, -3 and so on.")
  var node = "local"

  @Option(name: .long, help: "How many nodes there are, at most 8. Each says that it has the whole machine.")
  var nodes = 1

  @Option(name: .long, help: ArgumentHelp("The folder with crds/*.yaml; found near the program.", valueName: "folder"))
  var manifests: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Write a line of JSON for each request of the API server to this file: verb, group, resource, subresource, "
        + "namespace, name, userAgent, code and dryRun. A full file (16 MiB) becomes FILE.1 and so on; three old ones are "
        + "kept. Off unless it is given.", valueName: "file"))
  var auditLog: String?

  @Flag(name: .long, help: "Run only API server and nodes: no controller, no coordinator.")
  var noOperator = false

  func validate() throws {
    guard (1...65_532).contains(port) else { throw ValidationError("--port has to be from 1 to 65532.") }
    guard (0...Self.nodeLimit).contains(nodes) else {
      throw ValidationError("--nodes has to be from 0 to \(Self.nodeLimit).")
    }
    for entry in image where !entry.contains("=") {
      throw ValidationError("--image wants NAME=FOLDER, not \"\(entry)\".")
    }
  }

  static let nodeLimit = 8

  var nodeNames: [String] { (0..<nodes).map { $0 == 0 ? node : "\(node)-\($0 + 1)" } }

  var ports: ClusterRecord.Ports { ClusterRecord.Ports(api: port) }

  /// Folders by the names of the images that they stand for.
  func imageFolders() throws -> [String: String] { try Self.folders(of: image) }

  static func folders(of image: [String]) throws -> [String: String] {
    var folders: [String: String] = [:]
    for entry in image {
      let parts = entry.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { throw ValidationError("--image wants NAME=FOLDER, not \"\(entry)\".") }
      let folder = ClusterFiles(directory: parts[1]).directory
      guard FileManager.default.fileExists(atPath: folder) else {
        throw ClusterError("--image \(entry): the folder \(folder) does not exist.")
      }
      folders[parts[0]] = folder
    }
    return folders
  }

  /// As arguments again.
  var arguments: [String] {
    var arguments = ["--port", String(port), "--node", node, "--nodes", String(nodes)]
    for entry in image { arguments += ["--image", entry] }
    if let manifests { arguments += ["--manifests", manifests] }
    if let auditLog { arguments += ["--audit-log", auditLog] }
    if noOperator { arguments.append("--no-operator") }
    return arguments
  }
}
