import Foundation

/// A `kubectl port-forward` until nobody holds it any more, or this process ends, however it ends.
final class PortForward: Sendable {
  /// Where the port is to be reached.
  let url: URL
  private let process: Process
  /// Closing it ends kubectl; the system does so when this process ends.
  private let life: Pipe

  /// The shell keeps kubectl until its standard input ends. `env` lets the signals through that the thread which starts
  /// it may have blocked.
  private static let script = """
    "$@" </dev/null & child=$!
    exec >/dev/null 2>&1
    while read -r line; do :; done
    kill "$child"
    """

  init(_ target: String, port: Int, namespace: String) async throws {
    let (process, life, output) = (Process(), Pipe(), Pipe())
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "--default-signal", "/bin/sh", "-c", Self.script, "sh", TestEnvironment.kubectl, "--namespace", namespace,
      "port-forward", "--address", "127.0.0.1", "--pod-running-timeout", "20s", target, ":\(port)",
    ]
    process.standardInput = life
    process.standardOutput = output
    process.standardError = output
    let (chunks, arrived) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingOldest(100))
    output.fileHandleForReading.readabilityHandler = { handle in
      let data = handle.availableData
      guard data.isEmpty else { return _ = arrived.yield(String(decoding: data, as: UTF8.self)) }
      handle.readabilityHandler = nil
      arrived.finish()
    }
    try process.run()
    var said = ""
    for await chunk in chunks {
      said += chunk
      if let match = said.firstMatch(of: #/Forwarding from (127\.0\.0\.1:\d+)/#),
        let found = URL(string: "http://\(match.1)")
      {
        (url, self.process, self.life) = (found, process, life)
        return
      }
    }
    try? life.fileHandleForWriting.close()
    throw NotYet("kubectl port-forward \(target) :\(port) did not begin: \(said)")
  }

  deinit {
    try? life.fileHandleForWriting.close()
    process.waitUntilExit()
  }
}
