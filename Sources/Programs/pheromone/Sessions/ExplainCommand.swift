import ArgumentParser
import Dataflow
import FoundationEssentials

/// `pheromone explain`: what a session did, and what it waits for.
struct ExplainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Show what a session did, and what it waits for.",
    discussion: """
      Prints the facts of a session, its timeline, and for each trigger that has not
      fired what it lacks and who could still supply it.

        pheromone explain wordcount k3v…
        pheromone explain wordcount k3v… --format json | jq .waiting

      A diagram that GitHub draws:

        pheromone explain wordcount k3v… --format mermaid

      \(CommandFailure.exitCodes)
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, mermaid }

  @Argument(help: "The workflow.")
  var workflow: String

  @Argument(help: "The session.")
  var session: String

  @Option(name: [.customShort("o"), .long], help: "text, json or mermaid.")
  var format = Format.text

  @OptionGroup var options: CoordinatorOptions

  func validate() throws {
    try ArgumentCheck.workflow(workflow)
    try ArgumentCheck.session(session)
  }

  func run() async throws {
    try await reportingFailures {
      try await options.withCoordinator { coordinator in
        let body = try await coordinator.fetch(coordinator.path(workflow, "sessions", session))
        if format == .json { return print(String(decoding: body, as: UTF8.self)) }
        let description = try JSONDecoder().decode(SessionDescription.self, from: body)
        print(format == .text ? SessionText.render(description) : SessionDiagram.render(description))
      }
    }
  }
}
