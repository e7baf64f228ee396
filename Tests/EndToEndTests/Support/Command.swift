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
    let streams = try Streams(input: input, in: scratch)
    // Foundation keeps a process that has ended, with its streams; a suite of a thousand commands would run out of
    // descriptors.
    defer { streams.close() }
    let process = process(with: streams)
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

  /// The program under coreutils' timeout. `env` lets the signals through that the thread which starts it may have
  /// blocked: a child inherits that.
  private func process(with streams: Streams) -> Process {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["--default-signal", "timeout", "--kill-after=5", "\(seconds)", program] + arguments
    var variables = ProcessInfo.processInfo.environment
    for (name, value) in environment { variables[name] = value }
    process.environment = variables
    process.currentDirectoryURL = folder
    process.standardInput = streams.input
    process.standardOutput = streams.output
    process.standardError = streams.errors
    return process
  }

  /// What a program reads and writes: files, since a pipe that nobody empties would stop it.
  private struct Streams {
    let input: FileHandle
    let output: FileHandle
    let errors: FileHandle

    init(input: String?, in scratch: Scratch) throws {
      self.input = try FileHandle(forReadingFrom: scratch.write(input ?? "", "input"))
      output = try FileHandle(forWritingTo: scratch.write("", "output"))
      errors = try FileHandle(forWritingTo: scratch.write("", "errors"))
    }

    func close() {
      for stream in [input, output, errors] { try? stream.close() }
    }
  }
}

/// A program did not succeed where it had to.
struct CommandFailure: Error, CustomStringConvertible {
  var outcome: Command.Outcome
  var description: String { outcome.description }
}
