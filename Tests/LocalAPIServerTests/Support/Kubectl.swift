import Foundation
import Logging

@testable import LocalAPIServer

/// The real `kubectl`, against a server of this test.
struct Kubectl {
  static let program = ProcessInfo.processInfo.environment["PATH", default: ""].split(separator: ":")
    .map { "\($0)/kubectl" }.first { FileManager.default.isExecutableFile(atPath: $0) }

  struct Result {
    var code: Int32
    var output: String
    var errors: String
  }

  let port: Int
  let folder: URL

  func callAsFunction(_ arguments: String..., input: String? = nil) throws -> Result {
    try run(arguments, input: input)
  }

  func run(_ arguments: [String], input: String? = nil) throws -> Result {
    let process = try start(arguments, input: input)
    process.waitUntilExit()
    return Result(code: process.terminationStatus, output: read(process, "out"), errors: read(process, "err"))
  }

  /// Output goes to files, so that nothing can block on a full pipe.
  func start(_ arguments: [String], input: String? = nil) throws -> Process {
    let process = Process()
    process.executableURL = URL(filePath: Self.program ?? "/usr/bin/kubectl")
    process.arguments = ["--server", "http://127.0.0.1:\(port)"] + arguments
    process.environment = ["HOME": folder.path, "KUBECONFIG": "/dev/null", "PATH": "/usr/bin:/bin"]
    let id = UUID().uuidString
    for name in ["out", "err"] {
      _ = FileManager.default.createFile(atPath: folder.appending(path: "\(id).\(name)").path, contents: nil)
    }
    process.standardOutput = try FileHandle(forWritingTo: folder.appending(path: "\(id).out"))
    process.standardError = try FileHandle(forWritingTo: folder.appending(path: "\(id).err"))
    let inputFile = folder.appending(path: "\(id).in")
    try Data((input ?? "").utf8).write(to: inputFile)
    process.standardInput = try FileHandle(forReadingFrom: inputFile)
    process.environment?["PHEROMONE_TEST_RUN"] = id
    try process.run()
    return process
  }

  func read(_ process: Process, _ name: String) -> String {
    let id = process.environment?["PHEROMONE_TEST_RUN"] ?? ""
    return (try? String(contentsOf: folder.appending(path: "\(id).\(name)"), encoding: .utf8)) ?? ""
  }

  /// Runs a server with the draft definitions for as long as `body` takes.
  static func withServer(_ body: @escaping @Sendable (Kubectl) async throws -> Void) async throws {
    var logger = Logger(label: "test")
    logger.logLevel = .error
    let server = LocalAPIServer(configuration: .init(port: 0, logger: logger))
    try server.install(customResourceDefinitions: DraftDefinitions.all)
    let folder = FileManager.default.temporaryDirectory.appending(path: "pheromone-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run() }
      let port = try await server.boundPort()
      try await body(Kubectl(port: port, folder: folder))
      group.cancelAll()
    }
  }
}
