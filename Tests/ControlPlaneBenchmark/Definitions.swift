import Foundation
import KubernetesAPI
import KubernetesClient

/// What a cluster needs before its first workflow.
enum Definitions {
  /// Of the repository, whose folder is the current one or the one that `PHEROMONE_REPOSITORY` names.
  static func all() throws -> [JSONValue] {
    let repository = ProcessInfo.processInfo.environment["PHEROMONE_REPOSITORY"] ?? "."
    let folder = "\(repository)/manifests/crds"
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw BenchFailure("there is no folder \(folder); run this in the repository, as hack/bench does")
    }
    return try names.filter { $0.hasSuffix(".yaml") }.sorted().flatMap { name in
      try YAML.parse(try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8), file: name)
    }
  }

  static func kubeconfig(_ server: String) -> String {
    """
    apiVersion: v1
    kind: Config
    clusters: [{name: bench, cluster: {server: "\(server)"}}]
    users: [{name: bench, user: {}}]
    contexts: [{name: bench, context: {cluster: bench, user: bench}}]
    current-context: bench

    """
  }
}
