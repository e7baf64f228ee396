import Foundation
import Measures
import Synchronization

/// The controller's program, until it is ended or this process ends, however it ends.
final class ControllerProcess: Sendable {
  private let process: Process
  /// Closing it ends the controller; the system does so when this process ends.
  private let life: Pipe
  private let identifier: Int32

  /// Tells the controller's process id, and keeps it until standard input ends. `env` lets the signals through that the
  /// thread which starts it may have blocked.
  private static let script = """
    "$@" </dev/null >/dev/null & child=$!
    echo "$child"
    exec >/dev/null
    while read -r line; do :; done
    kill "$child"
    wait "$child"
    """

  init(kubeconfig: String) async throws {
    let own = URL(filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    let program = own.deletingLastPathComponent().appending(path: "pheromone-controller").path
    let (process, life, output) = (Process(), Pipe(), Pipe())
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "--default-signal", "/bin/sh", "-c", Self.script, "sh", program, "--kubeconfig", kubeconfig, "--no-leader-elect",
      "--listen", "127.0.0.1:0",
      "--coordinator", "127.0.0.1:1", "--coordinator-url", "http://127.0.0.1:1", "--log-level", "error",
      "--kube-api-qps", "100000", "--kube-api-burst", "100000",
    ]
    process.standardInput = life
    process.standardOutput = output
    try process.run()
    var said = ""
    while !said.hasSuffix("\n"), let part = try output.fileHandleForReading.read(upToCount: 64), !part.isEmpty {
      said += String(decoding: part, as: UTF8.self)
    }
    guard let identifier = Int32(said.trimmingCharacters(in: .newlines)) else {
      throw BenchFailure("\(program) does not start")
    }
    (self.process, self.life, self.identifier) = (process, life, identifier)
  }

  /// In seconds.
  var processorTime: Double { ProcessFigures.processorTime(of: identifier) }
  /// In bytes.
  var memory: Int { ProcessFigures.ownMemory(of: identifier) }

  func end() {
    try? life.fileHandleForWriting.close()
    process.waitUntilExit()
  }
}
