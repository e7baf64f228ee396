/// The command-line program, in one namespace.
struct PheromoneCLI {
  var namespace: String?
  var environment: [String: String?] = [:]

  func outcome(_ arguments: String..., input: String? = nil, seconds: Int = 90) async throws -> Command.Outcome {
    try await command(arguments, input: input, seconds: seconds).outcome()
  }

  @discardableResult
  func callAsFunction(_ arguments: String..., input: String? = nil, seconds: Int = 90) async throws -> Command.Outcome {
    try await command(arguments, input: input, seconds: seconds).run()
  }

  private func command(_ arguments: [String], input: String?, seconds: Int) -> Command {
    Command(
      program: TestEnvironment.program("pheromone"),
      arguments: arguments + (namespace.map { ["--namespace", $0] } ?? []), environment: environment, input: input,
      seconds: seconds)
  }
}
