import Dataflow
import Foundation
import Testing

extension EndToEnd {
  /// What a person can ask of one session.
  @Suite struct SessionCommandTests {
    @Test func `explain shows a session as text, as JSON and as a diagram, and output its output`() async throws {
      try await TestNamespace.with("explain") { namespace in
        try await namespace.deployWordCount()
        let cli = PheromoneCLI(namespace: namespace.name)
        let started = try await cli("invoke", "wordcount", "--data", "a rose is a rose", "--async")
        let id = started.output.trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(started.errors.contains("pheromone explain wordcount \(id)"))
        let session = try await namespace.finishedSession(id, of: "wordcount")

        let text = try await cli("explain", "wordcount", id)
        for word in [id, "Succeeded", session.pod, "Timeline:", "split#", "merge#"] {
          #expect(text.output.contains(word), "\(word): \(text)")
        }
        #expect(!text.output.contains("Waiting:") && !text.output.contains("Never fired:"), "\(text)")

        let json = try await cli("explain", "wordcount", id, "--format", "json")
        let described = try JSONDecoder().decode(SessionDescription.self, from: Data(json.output.utf8))
        #expect(described.timeline == session.timeline)

        let diagram = try await cli("explain", "wordcount", id, "--format", "mermaid")
        #expect(diagram.output.hasPrefix("sequenceDiagram\n"))
        #expect(diagram.output.contains(#/actor p0 as caller/#), "\(diagram)")
        #expect(diagram.output.contains(#/participant p\d+ as words \(bucket\)/#), "\(diagram)")
        #expect(diagram.output.contains("request"), "\(diagram)")

        #expect(try WordCounts(lines: try await cli("output", "wordcount", id).output).counts["rose"] == 2)
        #expect(try await cli("sessions", "wordcount").output.contains(id))

        let unknown = try await cli.outcome("explain", "wordcount", "no-such-session")
        #expect(unknown.status == 2 && unknown.errors.contains("no-such-session"), "\(unknown)")
        let unrecorded = try await cli.outcome("recording", "wordcount", id)
        #expect(unrecorded.status == 2 && unrecorded.errors.contains("--record"), "\(unrecorded)")
      }
    }

    @Test func `a session that is cancelled ends, and who waits for it gets 409`() async throws {
      try await TestNamespace.with("cancel") { namespace in
        try await namespace.deploy(.faults())
        let cli = PheromoneCLI(namespace: namespace.name)
        let ingress = try await Ingress.find()
        async let waiting = ingress.post(
          "faults", in: namespace.name, query: "function=linger", body: Data("30".utf8))
        let id = try await eventually("the session runs") {
          let list = try await cli("sessions", "faults", "--output", "json")
          let sessions = try JSONDecoder().decode([SessionSummary].self, from: Data(list.output.utf8))
          return sessions.first { $0.state == "Running" && $0.invocations > 0 }?.session
        }
        let cancelled = try await cli.outcome("cancel", "faults", id)
        #expect(cancelled.succeeded, "\(cancelled)")
        let answer = try await waiting
        #expect(answer.status == 409, "\(answer.text)")
        #expect(answer.sessionID == id)
        let session = try await namespace.finishedSession(id, of: "faults")
        #expect(session.state == "Cancelled")
        #expect(session.duration < 25, "it did not run to its end")

        let again = try await cli.outcome("cancel", "faults", id)
        #expect(again.status == 1 && again.errors.contains("ended already"), "\(again)")
        let unknown = try await cli.outcome("cancel", "faults", "no-such-session")
        #expect(unknown.status == 2, "\(unknown)")
      }
    }

    @Test func `a session that was recorded is replayed, and a changed recording disagrees`() async throws {
      try await TestNamespace.with("replay") { namespace in
        try await namespace.deployWordCount()
        let cli = PheromoneCLI(namespace: namespace.name)
        let started = try await cli("invoke", "wordcount", "--data", "to be or not to be", "--async", "--record")
        let id = started.output.trimmingCharacters(in: .whitespacesAndNewlines)
        _ = try await namespace.finishedSession(id, of: "wordcount")
        #expect(try await cli("explain", "wordcount", id).output.contains("pheromone recording"))

        let scratch = try Scratch()
        defer { scratch.remove() }
        let recording = try await cli("recording", "wordcount", id).output
        let file = try scratch.write(recording, "session.json")
        let replayed = try await PheromoneCLI().outcome("replay", file.path)
        #expect(replayed.succeeded && replayed.output.contains("Succeeded at the end"), "\(replayed)")

        let changed = recording.replacing(#""state":"succeeded""#, with: #""state":"stalled""#)
        #expect(changed != recording)
        let disagreeing = try await PheromoneCLI().outcome("replay", try scratch.write(changed, "changed.json").path)
        #expect(disagreeing.status == 1 && disagreeing.output.contains("disagrees at event"), "\(disagreeing)")
      }
    }

    @Test func `a file that is no recording is named with its line`() async throws {
      let scratch = try Scratch()
      defer { scratch.remove() }
      let file = try scratch.write("{\n  \"version\": 1,\n  nonsense\n}\n", "broken.json")
      let broken = try await PheromoneCLI().outcome("replay", file.path)
      #expect(broken.status == 2 && broken.errors.contains("broken.json:3: "), "\(broken)")
      let missing = try await PheromoneCLI().outcome("replay", scratch.folder.appending(path: "gone.json").path)
      #expect(missing.status == 2 && missing.errors.contains("gone.json"), "\(missing)")
    }
  }
}
