import Foundation
import Glibc

/// The programs beside this one, and some of the machine's. They end with this one.
enum Program {
  static func start(
    _ name: String, _ arguments: [String], _ environment: [String: String], output: Pipe? = nil
  ) throws -> Process {
    try start(at: folder().appending(path: name), arguments, environment, output: output)
  }

  static func start(
    at path: URL, _ arguments: [String], _ environment: [String: String], output: Pipe? = nil
  ) throws -> Process {
    let process = Process()
    // This program becomes that one once it is sure to end with this process.
    process.executableURL = try own()
    process.arguments = arguments
    process.environment = environment.merging(
      [Environment.program: path.path, Environment.parent: "\(getpid())"]) { $1 }
    process.standardInput = FileHandle.nullDevice
    if let output { process.standardOutput = output }
    try process.run()
    return process
  }

  /// Runs it to its end, which has to be a good one.
  @discardableResult
  static func output(of name: String, _ arguments: [String]) throws -> Data {
    try output(at: folder().appending(path: name), arguments, ProcessInfo.processInfo.environment)
  }

  @discardableResult
  static func output(at path: URL, _ arguments: [String], _ environment: [String: String]) throws -> Data {
    let pipe = Pipe()
    let process = try start(at: path, arguments, environment, output: pipe)
    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw BenchError("\(path.lastPathComponent) ended with \(process.terminationStatus)")
    }
    return data
  }

  /// A program of the machine; nil when it is not installed.
  static func installed(_ name: String) -> URL? {
    (Environment.text("PATH") ?? "").split(separator: ":")
      .map { URL(filePath: String($0)).appending(path: name) }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }

  /// Where this program is, and those that were built with it.
  static func folder() throws -> URL { try own().deletingLastPathComponent() }

  private static func own() throws -> URL {
    URL(filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
  }
}
