import FoundationEssentials
import Glibc
import KubernetesAPI
import NodeAgent
import Posix

/// A `kubectl port-forward` to the coordinator's Service, for as long as a command runs.
struct PortForward {
  let address: String
  private let process: Int32
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
    let arguments =
      ["-c", Self.script, "sh", try Self.kubectl()] + (kubeconfig.map { ["--kubeconfig", $0] } ?? [])
      + (context.map { ["--context", $0] } ?? [])
      + [
        "port-forward", "--namespace", space, "--address", "127.0.0.1", "--pod-running-timeout", "\(Self.podSeconds)s",
        "service/\(service.name)", ":\(port)",
      ]
    do {
      life = try Pipe()
      output = try Pipe()
      process = try ProcessSpawner.spawn(
        ProcessSpecification(
          executable: "/bin/sh", arguments: arguments, environment: ProcessInfo.processInfo.environment,
          workingDirectory: FileManager.default.currentDirectoryPath),
        standardInput: life.reading.descriptor, standardOutput: output.writing.descriptor)
    } catch {
      throw CommandFailure(.unavailable, "cannot start kubectl port-forward with /bin/sh: \(error)")
    }
    // What only the child has ends with it.
    life.reading.close()
    output.writing.close()
    let watchdog = Task { [life] in
      try await Task.sleep(for: Self.patience)
      life.writing.close()
    }
    defer { watchdog.cancel() }
    var text = ""
    while text.utf8.count < Self.outputLimit {
      let chunk = try output.reading.read(upTo: 4096)
      if chunk.isEmpty { break }
      text += String(decoding: chunk, as: UTF8.self)
      if let match = text.firstMatch(of: #/Forwarding from 127\.0\.0\.1:(\d+)/#) {
        address = "http://127.0.0.1:\(match.1)"
        return
      }
    }
    watchdog.cancel()
    life.writing.close()
    Self.awaitEnd(of: process)
    let words = text.trimmed
    throw CommandFailure(
      .unavailable,
      "kubectl port-forward to the coordinator failed: \(words.isEmpty ? "it said nothing" : words); see whether a pod "
        + "of it runs (kubectl describe service \(service.name) --namespace \(space)), or name the coordinator with "
        + "--coordinator")
  }

  /// Ends kubectl. Returns what it has said since it began to forward, such as why a connection failed.
  @discardableResult
  func end() -> String {
    life.writing.close()
    Self.awaitEnd(of: process)
    // This waits for the end of kubectl, which the shell has asked for.
    let said = (try? output.reading.readToEnd()) ?? Data()
    return String(decoding: said.prefix(Self.outputLimit), as: UTF8.self)
  }

  private static func awaitEnd(of process: Int32) {
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
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
