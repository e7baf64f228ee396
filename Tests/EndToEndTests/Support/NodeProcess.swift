import Foundation
import Glibc

/// A node of the test's own: `pheromone cluster join` until nobody holds it any more, or this process ends, however it
/// ends. Only pods that ask for its group land there.
final class NodeProcess {
  let name: String
  /// Nodes of one test: pods choose it by label and tolerate its taint.
  let group: String
  private let scratch: Scratch
  private let process = Process()
  private let life = Pipe()

  /// The shell keeps the node until its standard input ends, and then kills it with all that it runs: its pods are
  /// process groups of their own, and the folder says which.
  private static let script = """
    folder=$1; shift
    "$@" </dev/null >"$folder/log" 2>&1 & child=$!
    echo "$child" >"$folder/pid"
    while read -r line; do :; done
    kill -9 "$child" 2>/dev/null
    for entry in "$folder"/node/processes/*-*; do
      [ -e "$entry" ] || continue
      entry=${entry##*/}
      kill -9 -- "-${entry%-*}" 2>/dev/null
    done
    """

  /// - Parameters:
  ///   - block: which part of the cluster's addresses is this node's: each node that lives at the same time has its own.
  ///   - lease: for how many seconds it counts as alive after a heartbeat.
  init(_ name: String, group: String, block: Int, lease: Int = 40) throws {
    (self.name, self.group) = (name, group)
    scratch = try Scratch()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "--default-signal", "/bin/sh", "-c", Self.script, "sh", scratch.folder.path, TestEnvironment.program("pheromone"),
      "cluster", "join", "--node", name, "--directory", scratch.folder.appending(path: "node").path,
      "--label", "\(Self.label)=\(group)", "--taint", "\(Self.label)=\(group):NoSchedule", "--lease", "\(lease)",
      "--address-block", "\(block)",
    ]
    process.standardInput = life
    try process.run()
  }

  private static let label = "e2e.pheromone.dev/nodes"

  /// Lines of a workflow's template by which its pods land on these nodes only. A node that is lost loses them at once.
  static func template(group: String) -> [String] {
    [
      "nodeSelector: {\(label): \(group)}",
      "tolerations:",
      "- {key: \(label), operator: Equal, value: \(group)}",
      "- {key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 0}",
    ]
  }

  func ready() async throws {
    try await eventually("node \(name) is there") { [name] in try await Kubectl().get("node", name) }
    try await Kubectl().wait("node/\(name)", for: "condition=Ready")
  }

  /// The agent's process; pods are processes of their own.
  func signal(_ signal: Int32) throws {
    guard let pid = Int32(try scratch.text("pid").trimmingCharacters(in: .whitespacesAndNewlines)) else {
      throw NotYet("node \(name) has no process")
    }
    kill(pid, signal)
  }

  var log: String { (try? scratch.text("log")) ?? "" }

  /// Takes the node out of the cluster, and what it runs with it.
  func remove() async throws {
    try? life.fileHandleForWriting.close()
    process.waitUntilExit()
    try? life.fileHandleForReading.close()
    try await Kubectl()("delete", "node", name, "--ignore-not-found")
    scratch.remove()
  }

  deinit {
    try? life.fileHandleForWriting.close()
    process.waitUntilExit()
  }
}
