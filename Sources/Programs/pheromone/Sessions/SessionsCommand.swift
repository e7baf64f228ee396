import ArgumentParser
import Dataflow
import Foundation
import KubernetesAPI
import KubernetesClient

/// `pheromone sessions`: what runs and what became of it.
struct SessionsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sessions",
    abstract: "Show a workflow's sessions, or one of them with its timeline and waiting triggers.",
    discussion: """
        pheromone sessions wordcount         # those that run or ended lately
        pheromone sessions wordcount k3v…    # what one did and waits for
        pheromone sessions wordcount k3v… --output-data > result
        pheromone sessions wordcount k3v… --cancel
        pheromone sessions wordcount -o json | jq .

      \(CommandFailure.exitCodes)
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case table, json }

  @Argument(help: "The workflow.")
  var workflow: String

  @Argument(help: "The session.")
  var session: String?

  @Option(name: [.short, .customLong("output")], help: "table or json.")
  var output = Format.table

  @Flag(help: "Write the output of the session that has ended to standard output.")
  var outputData = false

  @Flag(help: "Cancel the session.")
  var cancel = false

  @OptionGroup var options: CoordinatorOptions

  func validate() throws {
    if session == nil, outputData || cancel {
      throw ValidationError("--output-data and --cancel need the id of a session")
    }
  }

  func run() async throws {
    try await reportingFailures {
      try await options.withCoordinator { coordinator in
        guard let session else {
          let body = try await get(coordinator, coordinator.path(workflow, "sessions"))
          if output == .json { return print(String(decoding: body, as: UTF8.self)) }
          return print(Self.table(try JSONDecoder().decode([SessionSummary].self, from: body)))
        }
        if cancel {
          _ = try await get(coordinator, coordinator.path(workflow, "sessions", session), method: "DELETE")
          return Output.note("the session \(session) is being cancelled")
        }
        if outputData {
          let path = coordinator.path(workflow, "sessions", session, "output")
          return FileHandle.standardOutput.write(try await get(coordinator, path))
        }
        let body = try await get(coordinator, coordinator.path(workflow, "sessions", session))
        if output == .json { return print(String(decoding: body, as: UTF8.self)) }
        print(Self.text(try JSONDecoder().decode(SessionDescription.self, from: body)))
      }
    }
  }

  private func get(_ coordinator: Coordinator, _ path: String, method: String = "GET") async throws -> Data {
    let response = try await coordinator.send(
      KubernetesClient.Request(
        method: method, path: path, limits: .init(overall: .seconds(60), maximumBodyBytes: 1 << 30)))
    guard response.head.isSuccess else { throw CommandFailure(status: response.status, body: response.body) }
    return response.body
  }

  static func table(_ sessions: [SessionSummary]) -> String {
    guard !sessions.isEmpty else { return "no sessions" }
    let head = ["SESSION", "STATE", "POD", "INVOCATIONS", "STARTED", "DURATION"]
    return Output.table(
      [head]
        + sessions.map {
          [
            $0.session, $0.state, $0.pod.isEmpty ? "-" : $0.pod, "\($0.invocations)", $0.startedAt,
            Self.seconds($0.duration),
          ]
        })
  }

  static func text(_ session: SessionDescription) -> String {
    var facts = [
      ["Session:", session.session], ["Workflow:", "\(session.namespace)/\(session.workflow)"],
      ["State:", session.state + (session.message.isEmpty ? "" : ": \(session.message)")],
      ["Pod:", session.pod.isEmpty ? "-" : session.pod], ["Started:", session.startedAt],
      ["Duration:", seconds(session.duration)], ["Invocations:", "\(session.invocations)"],
    ]
    if !session.outputs.isEmpty {
      facts.append(["Outputs:", session.outputs.map { $0.isEmpty ? "(default)" : $0 }.joined(separator: ", ")])
    }
    var text = Output.table(facts)
    if !session.waiting.isEmpty {
      text += "\n\nWaiting:\n"
      text += session.waiting.map {
        "  \($0.trigger) fires \($0.target) when it has: \($0.lacks.joined(separator: ", "))"
      }.joined(separator: "\n")
    }
    if !session.timeline.isEmpty {
      text += "\n\nTimeline:\n"
      if session.droppedEntries > 0 { text += "  (\(session.droppedEntries) earlier entries are not kept)\n" }
      let rows = session.timeline.map {
        [
          "  +" + seconds($0.at), $0.event, $0.subject,
          [$0.executor, $0.detail].compactMap { $0 }.joined(separator: " "),
        ]
      }
      text += Output.table(rows)
    }
    return text
  }

  private static func seconds(_ value: Double) -> String {
    DurationText.format(.nanoseconds(Int64(max(value, 0) * 1e9)))
  }
}
