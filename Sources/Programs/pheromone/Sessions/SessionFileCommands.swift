import ArgumentParser
import FoundationEssentials
import Posix

/// `pheromone output`: what a session answered.
struct OutputCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "output",
    abstract: "Write the output of a session that has ended to standard output.",
    discussion: """
        pheromone output wordcount k3v… > counts.txt

      Several outputs are one body of multipart/form-data; at a terminal each is
      printed below a line with its name.

      \(CommandFailure.exitCodes)
      """)

  @OptionGroup var session: SessionArguments

  func run() async throws {
    try await reportingFailures {
      try await session.options.withCoordinator { coordinator in
        try OutputParts.print(
          try await coordinator.answer(coordinator.path(session.workflow, "sessions", session.session, "output")))
      }
    }
  }
}

/// `pheromone recording`: what a session's engine was told and decided.
struct RecordingCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recording",
    abstract: "Write the recording of a session to standard output.",
    discussion: """
      There is one of a session that was started with pheromone invoke --record, or
      with ?record=true over HTTP, until its pod has recorded many others or forgets
      the session.

        pheromone recording wordcount k3v… > session.json
        pheromone replay session.json

      \(CommandFailure.exitCodes)
      """)

  @OptionGroup var session: SessionArguments

  func run() async throws {
    try await reportingFailures {
      try await session.options.withCoordinator { coordinator in
        let body = try await coordinator.fetch(
          coordinator.path(session.workflow, "sessions", session.session, "recording"))
        try OpenFile.standardOutput.write(body)
      }
    }
  }
}

/// `pheromone cancel`: ends a session before its time.
struct CancelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel",
    abstract: "Cancel a session that runs or waits.",
    discussion: """
      Functions that run for it are told, and killed if they do not stop. Who waits
      for the session gets 409. What has left the workflow stays done.

        pheromone cancel wordcount k3v…

      \(CommandFailure.exitCodes)
      """)

  @OptionGroup var session: SessionArguments

  func run() async throws {
    try await reportingFailures {
      try await session.options.withCoordinator { coordinator in
        _ = try await coordinator.fetch(
          coordinator.path(session.workflow, "sessions", session.session), method: "DELETE")
        Output.note("the session \(session.session) is being cancelled")
      }
    }
  }
}

/// Which session a command is about.
struct SessionArguments: ParsableArguments {
  @Argument(help: "The workflow.")
  var workflow: String

  @Argument(help: "The session.")
  var session: String

  @OptionGroup var options: CoordinatorOptions

  func validate() throws {
    try ArgumentCheck.workflow(workflow)
    try ArgumentCheck.session(session)
  }
}
