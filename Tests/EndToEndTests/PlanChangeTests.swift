import Dataflow
import Foundation
import KubernetesAPI
import Testing

extension EndToEnd {
  /// Buckets and triggers that change while sessions run, and a session that is cancelled so that the others go on.
  @Suite struct PlanChangeTests {
    @Test func `a session in flight keeps its plan, and the next one has the new plan`() async throws {
      try await TestNamespace.with("plans") { namespace in
        var manifest = WorkflowManifest.faults()
        manifest.executors = 1
        manifest.buckets.append(Self.inbox(target: "echo"))
        manifest.buckets.append(Self.pairs(count: 3))
        try await namespace.deploy(manifest)
        let kubectl = namespace.kubectl

        // The only executor is busy, so that what comes in the meantime is in flight and does not run.
        let busy = try await begin("60", function: "linger", namespace)
        let pod = try #require(try await kubectl.pods(of: "faults").first).name
        let process = try await eventually("linger runs") {
          try await Self.processes("lingering", kubectl, pod).first
        }

        let old = try #require(try await put("inbox", "hello", namespace).sessionID)
        let plan = try await describe(old, namespace).planRevision

        try await kubectl.apply(Self.inbox(target: "measure"))
        let new = try await eventually("a session begins with the changed trigger") {
          let id = try await put("inbox", "hello", namespace).sessionID
          return try await describe(try #require(id), namespace).planRevision == plan ? nil : id
        }

        try await kubectl("delete", "bucket", "inbox")
        try await eventually("the deleted bucket takes nothing any more") {
          try await put("inbox", "hello", namespace).status == 404 ? true : nil
        }

        try await kubectl.apply(
          WorkflowManifest.bucket("annex", of: "faults", triggers: "{name: each, target: echo, immediate: {}}"))
        let added = try await eventually("the new bucket takes objects") {
          let answer = try await put("annex", "welcome", namespace)
          return answer.status == 202 ? answer.sessionID : nil
        }

        // A batch that is not full goes when its trigger changes.
        for text in ["ab", "cde"] { #expect(try await put("pairs", text, namespace).status == 202) }
        let waiting = try await put("pairs", "", namespace)
        #expect(waiting.status == 202)
        for text in ["f", "gh"] {
          let late = try #require(try await put("pairs", text, namespace).sessionID)
          #expect(try await describe(late, namespace).derived.isEmpty)
        }
        try await kubectl.apply(Self.pairs(count: 5))

        // Cancelled, the function learns it and hands its executor back; everything else runs on it.
        try await PheromoneCLI(namespace: namespace.name)("cancel", "faults", busy)
        #expect(try await namespace.output(of: old, "faults") == "hello")
        #expect(try await namespace.output(of: new, "faults") == "5")
        #expect(try await namespace.output(of: added, "faults") == "welcome")
        let full = try await namespace.derived(from: try #require(waiting.sessionID), of: "faults")
        #expect(try await namespace.output(of: try #require(full.first), "faults") == "5", "ab, cde and nothing")
        let flushed = try await eventually("the partial batch has run") {
          let sessions = try await namespace.sessions(of: "faults")
          for session in sessions where session.causes.count == 2 && session.state == "Succeeded" { return session }
          throw NotYet("\(sessions.map { ($0.session, $0.state, $0.causes) })")
        }
        #expect(try await namespace.output(of: flushed.session, "faults") == "3", "f and gh")

        #expect(try await Self.processes("told to stop", kubectl, pod) == [process])
        _ = try await namespace.output(of: try await begin("0", function: "linger", namespace), "faults")
        let all = try await eventually("the log has both") {
          let all = try await Self.processes("lingering", kubectl, pod)
          return all.count == 2 ? all : nil
        }
        #expect(Set(all) == [process], "the executor of the cancelled session goes on")
      }
    }

    private static func inbox(target: String) -> String {
      WorkflowManifest.bucket("inbox", of: "faults", triggers: "{name: each, target: \(target), immediate: {}}")
    }

    private static func pairs(count: Int) -> String {
      WorkflowManifest.bucket(
        "pairs", of: "faults", triggers: "{name: some, target: measure, byBatchSize: {count: \(count), maxWait: 1h}}")
    }

    /// The processes that the log of the pod tells of.
    private static func processes(_ event: String, _ kubectl: Kubectl, _ pod: String) async throws -> [String] {
      let log = try await kubectl("logs", pod, "--container", "app")
      return log.split(separator: "\n").filter { $0.hasPrefix(event) }.compactMap {
        $0.split(separator: " ").last.map(String.init)
      }
    }

    private func begin(_ payload: String, function: String, _ namespace: TestNamespace) async throws -> String {
      let answer = try await Ingress.find().post(
        "faults", in: namespace.name, query: "function=\(function)&async=true", body: Data(payload.utf8))
      return try #require(answer.sessionID, "\(answer.text)")
    }

    private func put(_ bucket: String, _ text: String, _ namespace: TestNamespace) async throws -> Ingress.Answer {
      try await Ingress.find().put("letter", bucket: bucket, of: "faults", in: namespace.name, body: Data(text.utf8))
    }

    private func describe(_ session: String, _ namespace: TestNamespace) async throws -> SessionDescription {
      let answer = try await Ingress.find().get(session: session, of: "faults", in: namespace.name)
      return try JSONDecoder().decode(SessionDescription.self, from: answer.body)
    }
  }
}

extension TestNamespace {
  /// All sessions of a workflow that are kept, with what is known of each.
  func sessions(of workflow: String) async throws -> [SessionDescription] {
    let ingress = try await Ingress.find()
    let list = try await PheromoneCLI(namespace: name)("sessions", workflow, "--output", "json").output
    var sessions: [SessionDescription] = []
    for summary in try JSONDecoder().decode([SessionSummary].self, from: Data(list.utf8)) {
      let answer = try await ingress.get(session: summary.session, of: workflow, in: name)
      sessions.append(try JSONDecoder().decode(SessionDescription.self, from: answer.body))
    }
    return sessions
  }
}
