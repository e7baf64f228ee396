import Dataflow
import Foundation
import Testing

extension EndToEnd {
  /// The examples do what the comments in their manifests say.
  @Suite struct PatternTests {
    @Test func `every example prints what its comment says`() async throws {
      try await TestNamespace.with("examples") { namespace in
        let examples = try Example.all()
        try await deploy(namespace)
        try await Shell.with(namespace) { shell in
          for example in examples {
            for step in example.steps { try await check(step, of: example, shell) }
          }
          try await checkRedundancy(namespace)
          try await checkStream(namespace)
          try await checkBatch(namespace)
          for example in examples { try await replay(example, shell, namespace) }
        }
      }
    }

    @Test func `windows gather what many requests bring, and fan-outs exceed the executors`() async throws {
      try await TestNamespace.with("windows") { namespace in
        for name in ["window", "map"] {
          try await namespace.kubectl("apply", "-f", TestEnvironment.example(name))
        }
        for name in ["window", "map"] { try await namespace.kubectl.wait("workflow/\(name)", for: "condition=Ready") }
        let ingress = try await Ingress.find()

        // Ten requests at once; how they fall into windows is up to the clock, but none is lost and none counted twice.
        let ids = try await withThrowingTaskGroup(of: String?.self) { group in
          for reading in 1...10 {
            group.addTask {
              try await ingress.post("window", in: namespace.name, query: "async=true", body: Data("\(reading)".utf8))
                .sessionID
            }
          }
          return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(ids.count == 10 && !ids.contains(nil))
        var windows: Set<String> = []
        for case let id? in ids {
          windows.formUnion(try await namespace.derived(from: id, of: "window"))
        }
        var counted = 0
        for window in windows {
          let output = try await namespace.output(of: window, "window")
          counted += Int(output.prefix { $0 != " " }) ?? 0
        }
        #expect(counted == 10, "\(windows)")

        // Eight invocations on the two executors of the only pod.
        let squares = try await ingress.post("map", in: namespace.name, body: Data("1 2 3 4 5 6 7 8".utf8))
        #expect(squares.text == "1 4 9 16 25 36 49 64\n")
        let many = try await ingress.post(
          "map", in: namespace.name, body: Data((1...500).map(String.init).joined(separator: " ").utf8))
        #expect(many.text == (1...500).map { "\($0 * $0)" }.joined(separator: " ") + "\n")
        let none = try await ingress.post("map", in: namespace.name, body: Data())
        #expect(none.status == 200 && none.text == "\n", "a join to which nothing was announced fires with nothing")
      }
    }

    private func deploy(_ namespace: TestNamespace) async throws {
      try await namespace.kubectl("apply", "-f", TestEnvironment.examples)
      try await namespace.kubectl("wait", "workflow", "--all", "--for=condition=Ready", "--timeout=90s", seconds: 100)
    }

    /// What is written to a log may take a moment to be there; everything else is right at once.
    private func check(_ step: Example.Step, of example: Example, _ shell: Shell) async throws {
      guard step.command.hasPrefix("kubectl logs") else {
        let printed = try await shell(step.command).run()
        #expect(printed.output == step.output, "\(example.name): \(printed)")
        return
      }
      try await eventually("\(example.name): \(step.command) prints \(step.output)", within: .seconds(20)) {
        // With --timestamps each line begins with its time, for which the comment has an ellipsis.
        let printed = try await shell(step.command).run().output.replacing(#/(?m)^\d{4}-\d\d-\d\dT\S+/#, with: "…")
        guard printed == step.output else { throw NotYet(printed) }
        return true
      }
    }

    /// A recording of each primitive decides the same once more, those of derived sessions included.
    private func replay(_ example: Example, _ shell: Shell, _ namespace: TestNamespace) async throws {
      let first = try #require(example.steps.first).command
      let request = first.replacing(
        "pheromone invoke \(example.name) ", with: "pheromone invoke \(example.name) --async --record ")
      var sessions: Set<String> = []
      for id in try await shell(request).run().lines {
        sessions.insert(id)
        sessions.formUnion(try await namespace.finishedSession(id, of: example.name).derived)
      }
      #expect(!sessions.isEmpty, "\(example.name)")
      for id in sessions {
        let session = try await namespace.finishedSession(id, of: example.name)
        let replayed = try await shell("pheromone recording \(example.name) \(id) | pheromone replay -").run()
        #expect(replayed.output.contains("\(session.state) at the end"), "\(example.name): \(replayed)")
      }
    }

    /// The replica that would take most of a minute held nobody up.
    private func checkRedundancy(_ namespace: TestNamespace) async throws {
      let session = try await namespace.latestSession(of: "k-of-n")
      #expect(session.state == "Succeeded")
      #expect(session.duration < 20)
      #expect(session.timeline.contains { $0.event == "cancelled" && $0.subject.hasPrefix("reply#") }, "\(session)")
    }

    /// The first word was heard while the speaker spoke.
    private func checkStream(_ namespace: TestNamespace) async throws {
      let session = try await namespace.latestSession(of: "stream")
      let heard = session.timeline.firstIndex { $0.event == "started" && $0.subject.hasPrefix("hear#") }
      let spoken = session.timeline.firstIndex { $0.event == "committed" && $0.subject.hasPrefix("speak#") }
      #expect(try #require(heard) < #require(spoken), "\(session.timeline)")
    }

    /// The batch is a session of its own that each of the three requests knows of.
    private func checkBatch(_ namespace: TestNamespace) async throws {
      let list = try await PheromoneCLI(namespace: namespace.name)("sessions", "batch", "--output", "json").output
      let sessions = try JSONDecoder().decode([SessionSummary].self, from: Data(list.utf8))
      #expect(sessions.count == 4)
      var batches: [String: Int] = [:]
      for session in sessions {
        for batch in try await namespace.finishedSession(session.session, of: "batch").derived {
          batches[batch, default: 0] += 1
        }
      }
      #expect(batches.count == 1 && batches.values.first == 3, "\(list)")
      let batch = try #require(batches.keys.first)
      #expect(try await namespace.finishedSession(batch, of: "batch").causes.count == 3)
      #expect(try await namespace.output(of: batch, "batch") == "shipped apples, pears, plums\n")
    }
  }
}

extension TestNamespace {
  /// The sessions that were given objects of a session, once there are any.
  func derived(from session: String, of workflow: String) async throws -> [String] {
    try await eventually("objects of \(session) go to another session") {
      let derived = try await finishedSession(session, of: workflow).derived
      return derived.isEmpty ? nil : derived
    }
  }

  /// What a session answered, once it is over.
  func output(of session: String, _ workflow: String) async throws -> String {
    _ = try await finishedSession(session, of: workflow)
    return try await Ingress.find().get(session: session, of: workflow, in: name, "/output").text
  }

  /// The session of a workflow that began last.
  func latestSession(of workflow: String) async throws -> SessionDescription {
    let list = try await PheromoneCLI(namespace: name)("sessions", workflow, "--output", "json").output
    let sessions = try JSONDecoder().decode([SessionSummary].self, from: Data(list.utf8))
    guard let latest = sessions.first else { throw NotYet("\(workflow) has no sessions") }
    return try await finishedSession(latest.session, of: workflow)
  }
}
