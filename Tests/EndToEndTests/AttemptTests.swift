import Dataflow
import Foundation
import KubernetesAPI
import Testing

extension EndToEnd {
  /// Attempts that come to nothing, and what is made of them.
  @Suite struct AttemptTests {
    @Test func `what fails every time ends its session with the last error, and what hangs is replaced`() async throws {
      try await TestNamespace.with("attempts") { namespace in
        let errands = WorkflowManifest.bucket(
          "errands", of: "faults", triggers: "{name: echo, target: echo, byName: {names: [echo]}}",
          "{name: throw, target: throw, byName: {names: [throw]}}",
          "{name: hang, target: hang, byName: {names: [hang]}}")
        try await namespace.deploy(
          WorkflowManifest(
            name: "faults", entry: "echo",
            functions: [
              "{name: echo}", "{name: throw, retry: {limit: 2, backoff: 20ms}}",
              "{name: hang, timeout: 500ms, retry: {limit: 1, backoff: 20ms}}",
            ], executors: 1, buckets: [errands]))
        try await poison(namespace)
        try await hang(namespace)
      }
    }

    private func poison(_ namespace: TestNamespace) async throws {
      let answer = try await Ingress.find().post(
        "faults", in: namespace.name, query: "function=throw", body: Data("out of cheese".utf8))
      #expect(answer.status == 500)
      #expect(answer.headers["content-type"]?.hasPrefix("application/problem+json") == true)
      let problem = try #require(answer.problem)
      #expect(problem.contains("throw#0 failed in the last of 3 attempts: out of cheese"), "\(problem)")
      let session = try await namespace.finishedSession(try #require(answer.sessionID), of: "faults")
      #expect(session.timeline.count { $0.event == "started" } == 3, "\(session.timeline)")
      #expect(session.state == "Failed")
    }

    /// The only executor is the one that hangs, so that the second attempt needs another process.
    private func hang(_ namespace: TestNamespace) async throws {
      let ingress = try await Ingress.find()
      let answer = try await ingress.post("faults", in: namespace.name, query: "function=hang", body: Data())
      #expect(answer.status == 200 && answer.text == "attempt 2", "\(answer.text)")
      let pod = try #require(try await namespace.kubectl.pods(of: "faults").first).name
      let processes = try await eventually("the log tells of both attempts") {
        let log = try await namespace.kubectl("logs", pod, "--container", "app")
        let processes = log.matches(of: #/attempt \d in (\d+)/#).map { $0.output.1 }
        return processes.count == 2 ? Set(processes.map(String.init)) : nil
      }
      #expect(processes.count == 2, "the process that hangs was replaced")
      if TestEnvironment.ownsCluster {
        let workers = try ProcessTable.workers(program: "faults").map { "\($0.pid)" }
        #expect(processes.intersection(workers).count == 1, "the process that hangs is gone")
      }
      let session = try await namespace.finishedSession(try #require(answer.headers["pheromone-session"]), of: "faults")
      #expect(
        session.timeline.contains { $0.detail.contains("longer than its timeout of 500ms") }, "\(session.timeline)")
      #expect(try await ingress.post("faults", in: namespace.name, body: Data("on we go".utf8)).text == "on we go")
    }
  }
}
