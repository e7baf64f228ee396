import Foundation

/// The programs beside this one.
enum Program {
  static func start(_ name: String, _ arguments: [String], _ environment: [String: String]) throws -> Process {
    let process = try make(name, arguments)
    process.environment = environment
    try process.run()
    return process
  }

  /// Runs it to its end, which has to be a good one.
  static func output(of name: String, _ arguments: [String]) throws -> Data {
    let process = try make(name, arguments)
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw BenchError("\(name) ended with \(process.terminationStatus)") }
    return data
  }

  private static func make(_ name: String, _ arguments: [String]) throws -> Process {
    let process = Process()
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    process.executableURL = URL(filePath: own).deletingLastPathComponent().appending(path: name)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    return process
  }
}
