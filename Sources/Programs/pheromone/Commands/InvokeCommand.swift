import ArgumentParser
import Dataflow
import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import Posix

/// `pheromone invoke`: sends a request and prints what comes of it.
struct InvokeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "invoke",
    abstract: "Send a request to a workflow.",
    discussion: """
      The output of the session goes to standard output as it is, or to the file of
      --output; anything else goes to standard error. Several outputs are one body of
      multipart/form-data; at a terminal each is printed below a line with its name.

        pheromone invoke wordcount --data @/usr/share/common-licenses/GPL-3
        echo 'to be or not to be' | pheromone invoke wordcount --data -
        pheromone invoke wordcount --data hello --idempotency-key order-17

      To go on at once, with the session's id; with --record, for pheromone recording:

        pheromone invoke wordcount --data hello --async
        pheromone invoke wordcount --data hello --async --record

      \(CommandFailure.exitCodes)
      """)

  @Argument(help: "The workflow.")
  var workflow: String

  @Option(
    help: ArgumentHelp("The payload: @file, - for standard input, or the text itself.", valueName: "@file|-|text"))
  var data = ""

  @Flag(name: .customLong("async"), help: "Do not wait: print the session's id once a pod has stored the request.")
  var isAsynchronous = false

  @Option(
    help: ArgumentHelp(
      "How long the session may take, such as 30s; at most spec.sessionTimeout.", valueName: "duration"))
  var timeout: String?

  @Option(help: ArgumentHelp("The function that gets the payload, instead of spec.entry.", valueName: "name"))
  var function: String?

  @Option(
    help: ArgumentHelp("Names the request: sent again with the same key, it finds its session.", valueName: "key"))
  var idempotencyKey: String?

  @Flag(help: "Keep everything that the session's engine is told, for pheromone recording and replay.")
  var record = false

  @Option(name: [.short, .long], help: ArgumentHelp("Where the output is written.", valueName: "file"))
  var output: String?

  @OptionGroup var options: CoordinatorOptions

  func validate() throws {
    try ArgumentCheck.workflow(workflow)
    if let idempotencyKey { try ArgumentCheck.idempotencyKey(idempotencyKey) }
    guard let timeout else { return }
    guard let duration = DurationText.parse(timeout) else {
      throw ValidationError("--timeout \(timeout) is no duration; write it as 500ms, 30s or 2m")
    }
    guard duration > .zero else {
      throw ValidationError("--timeout \(timeout) leaves no time at all; it must be longer than zero")
    }
  }

  func run() async throws {
    try await reportingFailures {
      let payload = try payload()
      try await options.withCoordinator { coordinator in
        var query: [(name: String, value: String)] = []
        if record { query.append(("record", "true")) }
        if isAsynchronous { query.append(("async", "true")) }
        if let timeout { query.append(("timeout", timeout)) }
        if let function { query.append(("function", function)) }
        var headers = [(name: "Content-Type", value: "application/octet-stream")]
        if let idempotencyKey { headers.append(("Idempotency-Key", idempotencyKey)) }
        let patience = timeout.flatMap(DurationText.parse).map { $0 + .seconds(15) } ?? .seconds(3600)
        let request = KubernetesClient.Request(
          method: "POST", path: coordinator.path(workflow), query: query, headers: headers, body: payload,
          limits: .init(overall: patience, silence: patience, maximumBodyBytes: 1 << 30))
        let response = try await Self.notingSilence(of: workflow) { try await coordinator.send(request) }
        guard response.head.isSuccess else {
          throw CommandFailure(status: response.status, body: response.body, workflow: workflow)
        }
        try finish(response)
      }
    }
  }

  /// Says where to look when there is no answer for a while, since a request waits for the first pod without a word.
  private static func notingSilence<Answer: Sendable>(
    of workflow: String, _ body: @escaping @Sendable () async throws -> Answer
  ) async throws -> Answer {
    let note = Task {
      try await Task.sleep(for: .seconds(5))
      Output.note("no answer for 5 s, still waiting; see: kubectl describe workflow \(workflow)")
    }
    defer { note.cancel() }
    return try await body()
  }

  private func payload() throws -> Data {
    if data == "-" { return try OpenFile.standardInput.readToEnd() }
    guard data.hasPrefix("@") else { return Data(data.utf8) }
    let path = String(data.dropFirst())
    do {
      return try OpenFile(reading: path).readToEnd()
    } catch {
      throw CommandFailure(.failed, "cannot read the payload from \(path): \(error.reason)")
    }
  }

  private func finish(_ response: KubernetesClient.Response) throws {
    if response.status == 202, isAsynchronous {
      let session = try JSONValue(parsing: response.body)["session"]?.stringValue ?? ""
      print(session)
      Output.note("to see what it does: pheromone explain \(workflow) \(session)")
      return
    }
    guard let output else { return try OutputParts.print(response) }
    do {
      try OpenFile(replacing: output, permissions: 0o666).write(response.body)
    } catch {
      throw CommandFailure(.failed, "cannot write the output to \(output): \(error.reason)")
    }
  }
}
