import FoundationEssentials
import NodeAgent

/// What runs: written by the background process into cluster.json, and again whenever a component is restarted.
struct ClusterRecord: Codable, Sendable, Hashable {
  struct Ports: Codable, Sendable, Hashable {
    var api: Int
    var ingress: Int
    var link: Int
    var controller: Int

    init(api: Int) {
      self.api = api
      ingress = api + 1
      link = api + 2
      controller = api + 3
    }
  }

  struct Component: Codable, Sendable, Hashable {
    /// Nil while it waits to be started again.
    var pid: Int32?
    var startTime: UInt64?
    var restarts = 0
  }

  var pid: Int32
  var startTime: UInt64?
  var ports: Ports
  /// Nil in what an earlier version wrote.
  var nodes: [String]?
  var kubeconfig: String
  var startedAt: String
  /// The folders that stand for images, as `--image` named them; nil in what an earlier version wrote.
  var images: [String: String]?
  /// Controller and coordinator; empty with --no-operator.
  var components: [String: Component] = [:]

  var process: ProcessIdentity { ProcessIdentity(pid: pid, startTime: startTime) }
  var isRunning: Bool { process.isRunning }

  /// Nil if there is none, or it cannot be read.
  init?(at path: String) {
    guard let data = FileManager.default.contents(atPath: path),
      let record = try? JSONDecoder().decode(ClusterRecord.self, from: data)
    else { return nil }
    self = record
  }

  init(
    process: ProcessIdentity, ports: Ports, nodes: [String], kubeconfig: String, startedAt: String,
    images: [String: String] = [:]
  ) {
    pid = process.pid
    startTime = process.startTime
    self.ports = ports
    self.nodes = nodes
    self.kubeconfig = kubeconfig
    self.startedAt = startedAt
    self.images = images
  }

  /// Of the images that a start asks for, those that this cluster does not run with, as `NAME=FOLDER`.
  func lacking(_ wanted: [String: String]) -> [String] {
    wanted.filter { images?[$0.key] != $0.value }.map { "\($0.key)=\($0.value)" }.sorted()
  }

  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try ClusterFiles.write(encoder.encode(self) + Data("\n".utf8), to: path)
  }
}
