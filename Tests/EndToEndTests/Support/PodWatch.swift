import Foundation
import KubernetesAPI

/// Every state of a workflow's pods that the API server told of, in order: `kubectl get --watch` until it is ended.
final class PodWatch {
  private let scratch: Scratch
  private let process = Process()
  private let life = Pipe()

  /// The shell keeps kubectl until its standard input ends.
  private static let script = """
    file=$1; shift
    "$@" </dev/null >"$file" 2>&1 & child=$!
    while read -r line; do :; done
    kill "$child"
    """

  /// A line of fields for each event.
  private static let fields = [
    ".type", ".object.metadata.uid", ".object.metadata.name", ".object.metadata.deletionTimestamp",
    ".object.metadata.deletionGracePeriodSeconds",
    ".object.status.phase", #".object.status.conditions[?(@.type=="Ready")].status"#,
    #".object.status.conditions[?(@.type=="Ready")].lastTransitionTime"#, ".object.status.reason",
    #".object.status.conditions[?(@.type=="DisruptionTarget")].reason"#,
  ]

  struct Event {
    var type: String
    var uid: String
    var name: String
    /// When it was told to go, to the second.
    var deletedAt: Date?
    var phase: String
    var isReady: Bool
    /// When that last changed, to the second.
    var readySince: Date?
    var reason: String
    var disruption: String

    var isDeleted: Bool { deletedAt != nil }
  }

  /// What there is at one moment.
  struct Counts: Hashable {
    /// Not on their way out, and not over.
    var active: Int
    var ready: Int
  }

  init(_ workflow: String, in namespace: String) throws {
    scratch = try Scratch()
    process.executableURL = URL(filePath: "/usr/bin/env")
    let line = Self.fields.map { "{\($0)}" }.joined(separator: #"{"|"}"#)
    process.arguments = [
      "--default-signal", "/bin/sh", "-c", Self.script, "sh", scratch.folder.appending(path: "events").path,
      TestEnvironment.kubectl, "--namespace", namespace, "get", "pods", "--selector",
      "pheromone.dev/workflow=\(workflow)", "--watch", "--output-watch-events", "--output",
      #"jsonpath=\#(line){"\n"}"#,
    ]
    process.standardInput = life
    try process.run()
  }

  /// What has been told until now.
  func events() throws -> [Event] {
    try scratch.text("events").split(separator: "\n").map { line in
      let parts = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == Self.fields.count else { throw NotYet("kubectl said: \(line)") }
      // The timestamp is that of the end of its grace.
      let deletedAt = Self.time(parts[3])?.addingTimeInterval(-(Double(parts[4]) ?? 0))
      return Event(
        type: parts[0], uid: parts[1], name: parts[2], deletedAt: deletedAt, phase: parts[5],
        isReady: parts[6] == "True", readySince: Self.time(parts[7]), reason: parts[8], disruption: parts[9])
    }
  }

  private static func time(_ text: String) -> Date? { try? Date(text, strategy: .iso8601) }

  /// How many there were after each event.
  func counts() throws -> [Counts] {
    var pods: [String: Event] = [:]
    return try events().map { event in
      pods[event.uid] = event.type == "DELETED" ? nil : event
      let active = pods.values.filter { !$0.isDeleted && !["Failed", "Succeeded"].contains($0.phase) }
      return Counts(active: active.count, ready: active.count(where: \.isReady))
    }
  }

  func end() {
    try? life.fileHandleForWriting.close()
    process.waitUntilExit()
    try? life.fileHandleForReading.close()
    scratch.remove()
  }

  deinit { try? life.fileHandleForWriting.close() }
}
