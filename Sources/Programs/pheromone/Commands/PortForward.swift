import Foundation
import KubernetesAPI

/// A `kubectl port-forward` to the coordinator's Service, for as long as a command runs.
struct PortForward {
  let address: String
  private let process: Process

  init(service: KubernetesObject, kubeconfig: String?, context: String?) async throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    let ports = service["spec", "ports"]?.arrayValue ?? []
    let port = (ports.first { $0["name"] == "http" } ?? ports.first)?["port"]?.intValue ?? 8080
    process.arguments =
      ["kubectl"] + (kubeconfig.map { ["--kubeconfig", $0] } ?? []) + (context.map { ["--context", $0] } ?? [])
      + [
        "port-forward", "--namespace", service.namespace ?? "default", "--address", "127.0.0.1",
        "service/\(service.name)", ":\(port)",
      ]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    process.standardInput = FileHandle.nullDevice
    do {
      try process.run()
    } catch {
      throw CommandFailure(
        .unavailable, "cannot start kubectl port-forward: \(error); install kubectl or use --coordinator")
    }
    self.process = process
    // kubectl says where it listens within a moment; after ten seconds it is ended, which ends the reading too.
    let watchdog = Task { [pid = process.processIdentifier] in
      try await Task.sleep(for: .seconds(10))
      kill(pid, SIGTERM)
    }
    defer { watchdog.cancel() }
    var text = ""
    while text.utf8.count < 16_384 {
      let chunk = output.fileHandleForReading.availableData
      if chunk.isEmpty { break }
      text += String(decoding: chunk, as: UTF8.self)
      if let match = text.firstMatch(of: #/Forwarding from 127\.0\.0\.1:(\d+)/#) {
        address = "http://127.0.0.1:\(match.1)"
        return
      }
    }
    if process.isRunning { process.terminate() }
    throw CommandFailure(
      .unavailable,
      "kubectl port-forward to the coordinator failed: \(text.trimmingCharacters(in: .whitespacesAndNewlines)); "
        + "name the coordinator with --coordinator")
  }

  func end() {
    if process.isRunning { process.terminate() }
    process.waitUntilExit()
  }
}
