import Foundation
import KubernetesAPI

/// A `kubectl port-forward` to the coordinator's Service, for as long as a command runs.
struct PortForward {
  let address: String
  private let process: Process
  /// Closing it ends kubectl; the system does so when this program ends, however it ends.
  private let life: Pipe
  private let output: Pipe

  /// How long kubectl waits for a pod of the Service to run.
  private static let podSeconds = 10
  /// After this it is ended, whatever it waits for.
  private static let patience = Duration.seconds(20)
  private static let outputLimit = 16_384

  /// Keeps kubectl until standard input ends. Only kubectl holds the output, so its end is seen. The shell does not wait
  /// for it: it would for ever where the thread that starts the shell blocks the signal of a child's end.
  private static let script = """
    "$@" </dev/null & child=$!
    exec >/dev/null 2>&1
    while read -r line; do :; done
    kill "$child"
    """

  init(service: KubernetesObject, kubeconfig: String?, context: String?) async throws {
    let space = service.namespace ?? "default"
    let ports = service["spec", "ports"]?.arrayValue ?? []
    let port = (ports.first { $0["name"] == "http" } ?? ports.first)?["port"]?.intValue ?? 8080
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments =
      ["-c", Self.script, "sh", try Self.kubectl()] + (kubeconfig.map { ["--kubeconfig", $0] } ?? [])
      + (context.map { ["--context", $0] } ?? [])
      + [
        "port-forward", "--namespace", space, "--address", "127.0.0.1", "--pod-running-timeout", "\(Self.podSeconds)s",
        "service/\(service.name)", ":\(port)",
      ]
    life = Pipe()
    output = Pipe()
    process.standardInput = life
    process.standardOutput = output
    process.standardError = output
    do {
      try process.run()
    } catch {
      throw CommandFailure(.unavailable, "cannot start kubectl port-forward with /bin/sh: \(error)")
    }
    self.process = process
    let watchdog = Task { [life] in
      try await Task.sleep(for: Self.patience)
      try life.fileHandleForWriting.close()
    }
    defer { watchdog.cancel() }
    var text = ""
    while text.utf8.count < Self.outputLimit {
      let chunk = output.fileHandleForReading.availableData
      if chunk.isEmpty { break }
      text += String(decoding: chunk, as: UTF8.self)
      if let match = text.firstMatch(of: #/Forwarding from 127\.0\.0\.1:(\d+)/#) {
        address = "http://127.0.0.1:\(match.1)"
        return
      }
    }
    watchdog.cancel()
    try? life.fileHandleForWriting.close()
    process.waitUntilExit()
    let words = text.trimmingCharacters(in: .whitespacesAndNewlines)
    throw CommandFailure(
      .unavailable,
      "kubectl port-forward to the coordinator failed: \(words.isEmpty ? "it said nothing" : words); see whether a pod "
        + "of it runs (kubectl describe service \(service.name) --namespace \(space)), or name the coordinator with "
        + "--coordinator")
  }

  /// Ends kubectl. Returns what it has said since it began to forward, such as why a connection failed.
  @discardableResult
  func end() -> String {
    try? life.fileHandleForWriting.close()
    process.waitUntilExit()
    // This waits for the end of kubectl, which the shell has asked for.
    let said = (try? output.fileHandleForReading.readToEnd()) ?? Data()
    return String(decoding: said.prefix(Self.outputLimit), as: UTF8.self)
  }

  private static func kubectl() throws -> String {
    let folders = ProcessInfo.processInfo.environment["PATH", default: "/usr/bin:/bin"].split(separator: ":")
    let found = folders.map { "\($0)/kubectl" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    guard let found else {
      throw CommandFailure(
        .unavailable,
        "the coordinator's Service has no address of its own, and there is no kubectl on PATH to forward a port with; "
          + "install kubectl, or name the coordinator with --coordinator")
    }
    return found
  }
}
