import Foundation
import Testing

/// `openssl` in a folder of its own. Its processes are killed when they are not needed any more, never waited for.
struct OpenSSL: Sendable {
  static let program = "/usr/bin/openssl"
  static var isPresent: Bool { FileManager.default.isExecutableFile(atPath: program) }

  struct Ended: Error { let afterSaying: String }

  let folder: URL

  /// The folder goes with the body.
  static func run(_ body: (OpenSSL) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "pheromone-tls-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(OpenSSL(folder: folder))
  }

  func path(_ name: String) -> String { folder.appending(path: name).path }

  func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }

  /// Makes `NAME.pem`, which is its own authority, and `NAME.key`.
  func makeCertificate(_ name: String) async throws {
    let making = try start(
      "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout \(name).key -out \(name).pem "
        + "-subj /CN=\(name) -addext subjectAltName=DNS:\(name)")
    defer { making.kill() }
    for await _ in making.output {}
    try #require(FileManager.default.fileExists(atPath: path("\(name).pem")), "openssl made no certificate")
  }

  /// Runs a TLS server. The body gets its URL and what it prints from then on.
  func serve(
    _ arguments: String, _ body: (_ url: String, _ output: AsyncStream<String>) async throws -> Void
  ) async throws {
    let server = try start("s_server -accept 127.0.0.1:0 \(arguments)")
    defer { server.kill() }
    let announcement = /ACCEPT 127\.0\.0\.1:([0-9]+)\n/
    let match = try #require(try await server.output.text(until: announcement).firstMatch(of: announcement))
    try await body("https://127.0.0.1:\(match.1)", server.output)
  }

  private struct Running {
    let process: Process
    /// Ends when the process does.
    let output: AsyncStream<String>
    /// Kept open: the server would take an end of its input for an order.
    let input = Pipe()

    /// Not SIGTERM: children of Foundation's `Process` may inherit a mask that blocks it.
    func kill() { if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) } }
  }

  private func start(_ arguments: String) throws -> Running {
    let (output, continuation) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingNewest(256))
    let running = Running(process: Process(), output: output)
    let pipe = Pipe()
    running.process.executableURL = URL(filePath: Self.program)
    running.process.arguments = arguments.split(separator: " ").map(String.init)
    running.process.currentDirectoryURL = folder
    running.process.standardInput = running.input
    running.process.standardOutput = pipe
    running.process.standardError = FileHandle.nullDevice
    pipe.fileHandleForReading.readabilityHandler = { handle in
      let data = handle.availableData
      if data.isEmpty {
        handle.readabilityHandler = nil
        continuation.finish()
      } else {
        continuation.yield(String(decoding: data, as: UTF8.self))
      }
    }
    try running.process.run()
    return running
  }
}

extension AsyncStream<String> {
  /// What comes until it matches; fails if the end, or the test's time limit, comes first.
  func text(until pattern: Regex<some Any>) async throws -> String {
    var text = ""
    for await piece in self {
      text += piece
      if text.contains(pattern) { return text }
    }
    throw OpenSSL.Ended(afterSaying: text)
  }
}
