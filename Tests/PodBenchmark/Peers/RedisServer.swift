import Foundation
import Measures

/// A Redis server of this benchmark's own: on a Unix socket in a folder that goes with it, without TCP and without files.
final class RedisServer {
  let socket: String
  let version: String
  private let folder: URL
  private let process: Process
  /// Kept, so that the server always has where to log.
  private let log = Pipe()

  private static let ready = "ready to accept connections"

  init() throws {
    guard let program = Program.installed("redis-server") else {
      throw BenchError("redis-server is not installed; on Debian: apt-get install redis-server")
    }
    folder = URL(filePath: "/tmp/pheromone-bench-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    socket = folder.appending(path: "redis").path
    let environment = ["PATH": Environment.text("PATH") ?? ""]
    let words = String(decoding: try Program.output(at: program, ["--version"], environment), as: UTF8.self)
    version = words.split(separator: " ").first { $0.hasPrefix("v=") }.map { String($0.dropFirst(2)) } ?? "?"
    process = try Program.start(
      at: program,
      [
        "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no", "--daemonize", "no", "--dir",
        folder.path,
      ], environment, output: log)
    var text = ""
    while !text.contains(Self.ready) {
      let data = log.fileHandleForReading.availableData
      guard !data.isEmpty else { throw BenchError("redis-server has ended:\n\(text)") }
      text += String(decoding: data, as: UTF8.self)
    }
  }

  func stop() {
    process.terminate()
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: folder)
  }
}
