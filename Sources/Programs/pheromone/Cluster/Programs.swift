import FoundationEssentials
import Posix

/// Where the programs are: all of them beside the one that runs.
struct Programs: Sendable {
  let executable: String

  init() throws {
    guard let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
      throw ClusterError("Cannot find out where this program is (/proc/self/exe). Is /proc mounted?")
    }
    executable = path
  }

  var folder: String { FilePath.folder(of: executable) }
  var controller: String { folder + "/pheromone-controller" }
  var coordinator: String { folder + "/pheromone-coordinator" }

  /// What stands for the images of this repository.
  var imageFolders: [String: String] { ["ghcr.io/pheromone-dev/*": folder] }

  func requireComponents() throws {
    for path in [controller, coordinator] where !FileManager.default.isExecutableFile(atPath: path) {
      throw ClusterError(
        "\(path) does not exist. Build everything (swift build), or start without controller and coordinator: "
          + "--no-operator.")
    }
  }

  /// The folder with the definitions of workflows and buckets: given, or `manifests` in a folder above the program or
  /// the current one.
  func manifests(given: String?) throws -> String {
    if let given {
      guard FileManager.default.fileExists(atPath: given + "/crds") else {
        throw ClusterError("--manifests \(given): there is no folder crds in it.")
      }
      return given
    }
    for start in [folder, FileManager.default.currentDirectoryPath] {
      var place = start
      while place.count > 1 {
        if FileManager.default.fileExists(atPath: place + "/manifests/crds") { return place + "/manifests" }
        place = FilePath.folder(of: place)
      }
    }
    throw ClusterError(
      "Cannot find manifests/crds above \(folder) or the current folder. Name the folder with --manifests.")
  }
}
