import ArgumentParser
import FoundationEssentials
import KubernetesAPI
import Posix

/// Why a command failed, in words that go to standard error, and with what exit code.
struct CommandFailure: Error {
  enum Code: Int32 {
    case failed = 1
    case notFound = 2
    case unavailable = 3
    case timeout = 4
    case stalled = 5
    case cancelled = 6
  }

  var code: Code
  var message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  static let exitCodes = """
    Exit codes: 0 done, 1 failed or refused, 2 no such workflow or session, 3 the coordinator or a pod cannot be reached, \
    or a session has not ended (try again), 4 timeout, 5 the session stalled, 6 it was cancelled, 64 wrong usage.
    """

  /// Problems that are the end of a session, which is kept for `spec.retention`.
  private static let outcomes: Set<Substring> = ["failed", "stalled", "timeout", "cancelled"]

  /// What a problem document of the coordinator says.
  ///
  /// - Parameter workflow: whose session the problem may be about, to say how that is looked at.
  init(status: Int, body: Data, workflow: String? = nil) {
    let code: Code =
      switch status {
      case 404, 410: .notFound
      case 429, 502, 503: .unavailable
      case 504: .timeout
      default: .failed
      }
    guard let problem = try? JSONValue(parsing: body), let title = problem["title"]?.stringValue else {
      self.init(code, "the coordinator answered \(status): \(String(decoding: body.prefix(1000), as: UTF8.self))")
      return
    }
    var text = "\(title): \(problem["detail"]?.stringValue ?? "no details")"
    if let session = problem["session"]?.stringValue { text += "\nsession: \(session)" }
    let type = problem["type"]?.stringValue?.split(separator: "/").last
    if let workflow, let session = problem["session"]?.stringValue, let type, Self.outcomes.contains(type) {
      text += "\nto see why: pheromone explain \(workflow) \(session)"
    }
    switch type {
    case "stalled": self.init(.stalled, text)
    case "cancelled": self.init(.cancelled, text)
    // It is there; it has no output yet.
    case "still-running": self.init(.unavailable, text)
    default: self.init(code, text)
    }
  }
}

/// Runs a command's body and turns whatever it throws into a line on standard error and an exit code.
func reportingFailures(_ body: () async throws -> Void) async throws {
  do {
    try await body()
  } catch let exit as ExitCode {
    throw exit
  } catch let failure as CommandFailure {
    Output.error(failure.message)
    throw ExitCode(failure.code.rawValue)
  } catch {
    Output.error("\(error)")
    throw ExitCode(CommandFailure.Code.failed.rawValue)
  }
}

enum Output {
  static func error(_ text: String) { note("pheromone: \(text)") }
  /// A line on standard error. Where that is closed, nobody is there to be told.
  static func note(_ text: String) { try? OpenFile.standardError.write(Data((text + "\n").utf8)) }

  /// Columns as wide as they have to be.
  static func table(_ rows: [[String]]) -> String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0 }
    return rows.map { row in
      row.enumerated().map { index, cell in
        index == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[index] + 3 - cell.count)
      }.joined()
    }.joined(separator: "\n")
  }
}
