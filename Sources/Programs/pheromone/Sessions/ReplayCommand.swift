import ArgumentParser
import FoundationEssentials
import Posix
import Triggers

/// `pheromone replay`: runs a recording through this version's engine.
struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Run the recording of a session through the engine, and check that it decides the same.",
    discussion: """
      Needs no cluster. The first decision that differs is printed with what was
      decided then and what is decided now.

        pheromone invoke wordcount --data hello --async --record
        pheromone recording wordcount k3v… > session.json
        pheromone replay session.json

      Exit codes: 0 every decision agrees, 1 one does not, 2 the file cannot be read or
      is no recording that this version understands, 64 wrong usage.
      """)

  @Argument(help: ArgumentHelp("The recording, or - for standard input.", valueName: "file|-"))
  var file: String

  func run() async throws {
    try await reportingFailures {
      let report = try Self.replay(try contents(), of: file == "-" ? "stdin" : file)
      print(ReplayText.render(report))
      if report.disagreement != nil { throw ExitCode(1) }
    }
  }

  private func contents() throws -> Data {
    if file == "-" { return try OpenFile.standardInput.readToEnd() }
    do {
      return try OpenFile(reading: file).readToEnd()
    } catch {
      throw CommandFailure(.notFound, "cannot read \(file): \(error.reason)")
    }
  }

  static func replay(_ data: Data, of file: String) throws -> ReplayReport {
    do {
      return try JSONDecoder().decode(SessionRecording.self, from: data).replay()
    } catch let error as DecodingError {
      throw CommandFailure(.notFound, "\(file)\(RecordingFault(error, in: data))")
    } catch {
      throw CommandFailure(.notFound, "\(file): \(error)")
    }
  }
}
