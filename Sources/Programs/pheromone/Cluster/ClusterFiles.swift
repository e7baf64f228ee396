import FoundationEssentials
import Glibc
import NodeAgent
import Posix

/// Where a cluster keeps what.
struct ClusterFiles: Sendable {
  let directory: String

  init(directory: String) {
    self.directory =
      directory.hasPrefix("/")
      ? directory : "\(FileManager.default.currentDirectoryPath)/\(directory)"
  }

  var kubeconfig: String { directory + "/kubeconfig" }
  var record: String { directory + "/cluster.json" }
  var logs: String { directory + "/logs" }
  func log(_ component: String) -> String { "\(logs)/\(component).log" }
  /// The processes of controller and coordinator, for a later run to end if this one is killed.
  var components: String { directory + "/components" }
  /// Where a node keeps its pods. The first one's are in the cluster's own folder.
  func node(_ index: Int) -> String { index == 0 ? directory : "\(directory)/nodes/\(index + 1)" }
  /// The processes of the pods.
  var podProcesses: [String] { (0..<ClusterSettings.nodeLimit).map { node($0) + "/processes" } }

  func prepare() throws {
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    try FileManager.default.createDirectory(atPath: logs, withIntermediateDirectories: true)
  }

  /// Replaces a file in one step, readable by its owner only.
  static func write(_ data: Data, to path: String) throws {
    let draft = "\(path).\(ProcessInfo.processInfo.processIdentifier)"
    guard FileManager.default.createFile(atPath: draft, contents: data, attributes: [.posixPermissions: 0o600]) else {
      throw ClusterError("Cannot write \(draft). Is the folder writable and is there room on the disk?")
    }
    guard unsafe rename(draft, path) == 0 else { throw ClusterError("Cannot replace \(path): \(Errno.current).") }
  }

  func writeKubeconfig(port: Int) throws {
    let text = """
      apiVersion: v1
      kind: Config
      clusters:
      - name: pheromone-local
        cluster:
          server: http://127.0.0.1:\(port)
      users:
      - name: pheromone-local
        user: {}
      contexts:
      - name: pheromone-local
        context:
          cluster: pheromone-local
          user: pheromone-local
          namespace: default
      current-context: pheromone-local

      """
    try Self.write(Data(text.utf8), to: kubeconfig)
  }

  /// The last lines of a log, indented, to be shown with an error.
  func tail(_ component: String, lines: Int = 12) -> String {
    guard let data = FileManager.default.contents(atPath: log(component)), !data.isEmpty else {
      return "    (\(log(component)) is empty)"
    }
    let text = String(decoding: data.suffix(16 << 10), as: UTF8.self)
    return text.split(separator: "\n").suffix(lines).map { "    \($0)" }.joined(separator: "\n")
  }
}

/// What a cluster command could not do, and what to do about it.
struct ClusterError: Error, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }
}

/// Prints a line at once, also into a pipe, so that progress is seen while it happens.
func say(_ line: String) {
  // Whoever closed the other end does not want to know; what was begun goes on.
  try? OpenFile.standardOutput.write(Data((line + "\n").utf8))
}
