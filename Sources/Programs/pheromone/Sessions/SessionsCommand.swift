import ArgumentParser
import Dataflow
import FoundationEssentials

/// `pheromone sessions`: what runs and what became of it.
struct SessionsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sessions",
    abstract: "List a workflow's sessions: those that run, and those that ended within spec.retention.",
    discussion: """
        pheromone sessions wordcount
        pheromone sessions wordcount -o json | jq .

      What one of them did is shown by pheromone explain.

      \(CommandFailure.exitCodes)
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case table, json }

  @Argument(help: "The workflow.")
  var workflow: String

  @Option(name: [.short, .customLong("output")], help: "table or json.")
  var output = Format.table

  @OptionGroup var options: CoordinatorOptions

  func validate() throws { try ArgumentCheck.workflow(workflow) }

  func run() async throws {
    try await reportingFailures {
      try await options.withCoordinator { coordinator in
        let body = try await coordinator.fetch(coordinator.path(workflow, "sessions"))
        if output == .json { return print(String(decoding: body, as: UTF8.self)) }
        print(Self.table(try JSONDecoder().decode([SessionSummary].self, from: body)))
      }
    }
  }

  static func table(_ sessions: [SessionSummary]) -> String {
    guard !sessions.isEmpty else { return "no sessions" }
    let head = ["SESSION", "STATE", "POD", "INVOCATIONS", "STARTED", "DURATION"]
    return Output.table(
      [head]
        + sessions.map {
          [
            $0.session, $0.state, $0.pod.isEmpty ? "-" : $0.pod, "\($0.invocations)", $0.startedAt,
            SessionText.seconds($0.duration),
          ]
        })
  }
}
