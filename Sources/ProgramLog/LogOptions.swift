package import ArgumentParser
import FoundationEssentials
package import Logging

/// `--log-level` and `--log-format`, the same for every program that runs in a cluster.
package struct LogOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How much is logged: trace, debug, info, notice, warning, error or critical. "
        + "(default: $PHEROMONE_LOG_LEVEL, else info)", valueName: "level"),
    transform: { try LogOptions.word($0) })
  package var logLevel: Logger.Level?

  @Option(
    help: ArgumentHelp(
      "How lines are written: json or console. (default: $PHEROMONE_LOG_FORMAT, else json in a pod of a cluster "
        + "and console elsewhere)", valueName: "format"),
    transform: { try LogOptions.word($0) })
  package var logFormat: LogFormat?

  package init() {}

  package mutating func validate() throws { try resolve(environment: ProcessInfo.processInfo.environment) }

  /// What flags do not say, the environment says.
  package mutating func resolve(environment: [String: String]) throws {
    logLevel = try logLevel ?? Self.variable("PHEROMONE_LOG_LEVEL", environment) ?? .info
    logFormat =
      try logFormat ?? Self.variable("PHEROMONE_LOG_FORMAT", environment) ?? .standard(environment: environment)
  }

  private static func variable<Value: RawRepresentable<String> & CaseIterable>(
    _ name: String, _ environment: [String: String]
  ) throws -> Value? {
    guard let text = environment[name], !text.isEmpty else { return nil }
    do { return try word(text) } catch { throw ValidationError("\(name): \(error)") }
  }

  private static func word<Value: RawRepresentable<String> & CaseIterable>(_ text: String) throws -> Value {
    guard let value = Value(rawValue: text) else {
      throw ValidationError("\(text) is none of \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return value
  }

  /// Lets all loggers of the process write this way. Once in a process.
  ///
  /// - Returns: the program's own.
  package func bootstrap(_ program: String) -> Logger {
    let (level, format) = (logLevel ?? .info, logFormat ?? .console)
    LoggingSystem.bootstrap { label in
      var log = LineLog(label: label, format: format)
      log.logLevel = level
      return log
    }
    return Logger(label: program)
  }
}
