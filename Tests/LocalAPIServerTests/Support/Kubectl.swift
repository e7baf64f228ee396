import Foundation
import KubectlVersion
import KubernetesAPI
import Logging
import Testing

@testable import LocalAPIServer

/// The real `kubectl`, against a server of this test.
struct Kubectl {
  static let program = ProcessInfo.processInfo.environment["PATH", default: ""].split(separator: ":")
    .map { "\($0)/kubectl" }.first { FileManager.default.isExecutableFile(atPath: $0) }

  /// Whether it is new enough for something.
  static func knows(_ feature: KubectlVersion.Feature) -> Bool { version?.knows(feature) ?? false }

  private static let version: KubectlVersion? = {
    guard let program else { return nil }
    let (process, output) = (Process(), Pipe())
    process.executableURL = URL(filePath: program)
    process.arguments = ["version", "--client"]
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let said = (try? output.fileHandleForReading.readToEnd()) ?? Data()
    process.waitUntilExit()
    return KubectlVersion(String(decoding: said, as: UTF8.self))
  }()

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

  /// Runs it and expects what it says, on either stream.
  func expect(_ arguments: String..., input: String? = nil, says wanted: String, code: Int32 = 0) throws {
    let result = try run(arguments, input: input)
    let text = result.output + result.errors
    #expect(result.code == code, "kubectl \(arguments.joined(separator: " ")): \(text)")
    #expect(text.contains(wanted), "kubectl \(arguments.joined(separator: " ")): \(text)")
  }

  /// Puts `status` over that of a pod. Old versions have no flag for subresources, but all send what one tells them to.
  func setStatus(ofPod name: String, _ status: JSONValue) throws {
    var pod = try JSONValue(parsing: try self("get", "pod", name, "-o", "json").output)
    for (field, value) in status.objectValue ?? [:] { pod[path: "status", field] = value }
    let result = try self(
      "replace", "--raw", "/api/v1/namespaces/default/pods/\(name)/status", "-f", "-", input: pod.canonicalText)
    #expect(result.code == 0, "\(result.errors)")
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
