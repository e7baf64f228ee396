import Foundation

/// What `hack/e2e` tells the suite about the cluster and the programs under test.
enum TestEnvironment {
  static let isEnabled = variable("PHEROMONE_E2E") != nil

  /// The folder of the built programs.
  static let programs = URL(filePath: variable("PHEROMONE_E2E_PROGRAMS") ?? ".build/debug", directoryHint: .isDirectory)
  static let repository = URL(filePath: variable("PHEROMONE_E2E_REPOSITORY") ?? ".", directoryHint: .isDirectory)
  static let kubectl = variable("PHEROMONE_E2E_KUBECTL") ?? "kubectl"

  /// The folder of the local cluster that the suite owns; nil on any other cluster.
  static let clusterFolder = variable("PHEROMONE_E2E_CLUSTER").map { URL(filePath: $0, directoryHint: .isDirectory) }
  static let ownsCluster = clusterFolder != nil
  /// Prometheus' checker, where it can be had.
  static let promtool = variable("PHEROMONE_E2E_PROMTOOL")

  /// The nodes whose label and taint the suite's pods have to know; nil where they land anywhere.
  static let nodes = variable("PHEROMONE_E2E_NODES")

  /// The image of a program of this repository, as the cluster's nodes know it.
  static func image(_ program: String) -> String {
    variable("PHEROMONE_E2E_IMAGE")?.replacing("{}", with: program) ?? "ghcr.io/pheromone-dev/\(program):0.1.0"
  }

  static let examples = repository.appending(path: "manifests/examples").path
  static let wordCountManifest = example("wordcount")

  static func example(_ name: String) -> String { examples + "/\(name).yaml" }

  static func program(_ name: String) -> String { programs.appending(path: name).path }

  private static func variable(_ name: String) -> String? {
    let value = ProcessInfo.processInfo.environment[name]
    return value?.isEmpty == false ? value : nil
  }
}
