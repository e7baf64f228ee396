import Foundation
import KubernetesAPI
import Testing

extension EndToEnd {
  /// What the programs tell Prometheus of themselves, judged by its own checker.
  @Suite struct MetricsTests {
    /// Labels that take few values, whatever runs.
    private static let labels: Set<Substring> = [
      "bucket", "code", "kind", "le", "method", "namespace", "outcome", "primitive", "state", "trigger", "workflow",
    ]

    @Test(.enabled(if: TestEnvironment.promtool != nil, "needs promtool, of Debian's package prometheus"))
    func `every page of metrics is as Prometheus wants it`() async throws {
      try await TestNamespace.with("metrics") { namespace in
        try await namespace.deployWordCount()
        let ingress = try await Ingress.find()
        let answer = try await ingress.post("wordcount", in: namespace.name, body: Data("a b a".utf8))
        #expect(answer.status == 200, "\(answer.text)")
        try await Self.check(try await ingress.get("/metrics").text, "pheromone_sessions_ended_total")

        let pod = try #require(try await namespace.kubectl.pods(of: "wordcount").first)
        let sidecar = try await PortForward("pod/\(pod.name)", port: 7070, namespace: namespace.name)
        try await Self.check(
          try await Ingress(url: sidecar.url, tunnel: sidecar).get("/metrics").text, "pheromone_attempts_total")
      }
    }

    @Test(
      .enabled(if: TestEnvironment.promtool != nil, "needs promtool, of Debian's package prometheus"),
      .enabled(if: TestEnvironment.ownsCluster, "needs the local cluster's ports"))
    func `the controller's page is as Prometheus wants it`() async throws {
      let folder = try #require(TestEnvironment.clusterFolder)
      let record = try JSONDecoder().decode(Record.self, from: Data(contentsOf: folder.appending(path: "cluster.json")))
      let url = try #require(URL(string: "http://127.0.0.1:\(record.ports.controller)"))
      let text = try await Ingress(url: url).get("/metrics").text
      try await Self.check(text, "pheromone_controller_api_requests_total")
      try await Self.check(text, "pheromone_controller_api_request_wait_seconds_count")
      #expect(text.contains(#"pheromone_controller_reconciliation_seconds_bucket{kind="Workflow",le="0.001"}"#))
    }

    private struct Record: Decodable {
      struct Ports: Decodable { var controller: Int }
      var ports: Ports
    }

    private static func check(_ text: String, _ expected: String) async throws {
      #expect(text.contains("\n\(expected)"), "\(text)")
      var command = Command(program: TestEnvironment.promtool ?? "", arguments: ["check", "metrics"])
      command.input = text
      let outcome = try await command.outcome()
      #expect(outcome.succeeded && outcome.errors.isEmpty, "\(outcome)\n\(text)")
      let found = Set(text.matches(of: #/[{,]([a-z_]+)="/#).map(\.output.1))
      #expect(found.isSubset(of: labels), "\(found.subtracting(labels))")
    }
  }
}
