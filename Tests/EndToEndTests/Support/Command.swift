import Foundation

/// A program run to its end, within a time that it cannot exceed.
struct Command {
  var program: String
  var arguments: [String]
  /// Variables on top of those of this process; nil removes one.
  var environment: [String: String?] = [:]
  var input: String?
  var folder: URL?
  var seconds = 60

  /// How a program ended and what it said.
  struct Outcome: CustomStringConvertible {
    var command: String
    var status: Int32
    var output: String
    var errors: String

    var succeeded: Bool { status == 0 }
    var lines: [String] { output.split(separator: "\n").map(String.init) }
    var description: String {
      "\(command)\nended with \(status)\(status == 124 ? " (out of time)" : "")\n\(output)\(errors)"
    }
  }

  /// The outcome, whether the program succeeded or not.
  func outcome() async throws -> Outcome {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let process = try process(in: scratch)
    let status: Int32 = try await withCheckedThrowingContinuation { continuation in
      process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
      do {
        try process.run()
      } catch {
        process.terminationHandler = nil
        continuation.resume(throwing: error)
      }
    }
    return Outcome(
      command: ([program] + arguments).joined(separator: " "), status: status, output: try scratch.text("output"),
      errors: try scratch.text("errors"))
  }

  /// What the program wrote; it has to succeed.
  @discardableResult
  func run() async throws -> Outcome {
    let outcome = try await outcome()
    guard outcome.succeeded else { throw CommandFailure(outcome: outcome) }
    return outcome
  }

  /// The program under coreutils' timeout, with its output in files, since a pipe that nobody empties would stop it.
  /// `env` lets the signals through that the thread which starts it may have blocked: a child inherits that.
  private func process(in scratch: Scratch) throws -> Process {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["--default-signal", "timeout", "--kill-after=5", "\(seconds)", program] + arguments
    var variables = ProcessInfo.processInfo.environment
    for (name, value) in environment { variables[name] = value }
    process.environment = variables
    process.currentDirectoryURL = folder
    process.standardInput =
      try input.map { try FileHandle(forReadingFrom: scratch.write($0, "input")) } ?? FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: scratch.write("", "output"))
    process.standardError = try FileHandle(forWritingTo: scratch.write("", "errors"))
    return process
  }
}

/// A program did not succeed where it had to.
struct CommandFailure: Error, CustomStringConvertible {
  var outcome: Command.Outcome
  var description: String { outcome.description }
}
