import Logging
import ProgramLog
import Testing

@Suite struct LogOptionsTests {
  private func resolved(
    level: Logger.Level? = nil, format: LogFormat? = nil, _ environment: [String: String]
  ) throws -> [String] {
    var options = LogOptions()
    options.logLevel = level
    options.logFormat = format
    try options.resolve(environment: environment)
    return [options.logLevel?.rawValue ?? "", options.logFormat?.rawValue ?? ""]
  }

  @Test func flagsCountMoreThanTheEnvironment() throws {
    let environment = ["PHEROMONE_LOG_LEVEL": "error", "PHEROMONE_LOG_FORMAT": "json"]
    #expect(try resolved(level: .trace, format: .console, environment) == ["trace", "console"])
    #expect(try resolved(environment) == ["error", "json"])
    #expect(try resolved([:]) == ["info", "console"])
    #expect(try resolved(["KUBERNETES_SERVICE_HOST": "10.0.0.1"]) == ["info", "json"])
  }

  @Test func anUnknownWordInTheEnvironmentIsRefused() {
    let error = #expect(throws: (any Error).self) { try resolved(["PHEROMONE_LOG_LEVEL": "loud"]) }
    #expect("\(error!)".contains("trace, debug, info, notice, warning, error, critical"))
  }
}
