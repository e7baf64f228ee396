import Dataflow
import Foundation
import KubernetesAPI
import Testing

extension EndToEnd {
  /// Objects of all kinds, and a session that waits for some that never come.
  @Suite struct ObjectTests {
    private static let manifest = WorkflowManifest(
      name: "faults", entry: "relay",
      functions: ["{name: relay, outputs: [errands]}", "{name: echo, outputs: []}", "{name: measure, outputs: []}"],
      buckets: [
        WorkflowManifest.bucket(
          "errands", of: "faults", triggers: "{name: each, target: echo, immediate: {}}"),
        WorkflowManifest.bucket(
          "pairs", of: "faults", triggers: "{name: both, target: measure, bySet: {names: [left, right]}}"),
      ])

    @Test func `any bytes go through, and a session that lacks something says what`() async throws {
      try await TestNamespace.with("objects") { namespace in
        try await namespace.deploy(Self.manifest)
        try await bytes(namespace)
        try await stall(namespace)
      }
    }

    /// The paper's executor died at about 65,000 objects.
    @Test func `a session of more than 65,536 objects ends well`() async throws {
      try await TestNamespace.with("crumbs") { namespace in
        try await namespace.deploy(
          WorkflowManifest(
            name: "faults", entry: "crumble",
            functions: [
              "{name: crumble, outputs: [crumbs]}", "{name: sweep, outputs: [heaps]}", "{name: measure, outputs: []}",
            ],
            buckets: [
              WorkflowManifest.bucket(
                "crumbs", of: "faults",
                triggers: "{name: some, target: sweep, byBatchSize: {count: 500, scope: Session}}"),
              WorkflowManifest.bucket(
                "heaps", of: "faults",
                triggers: "{name: all, target: measure, byBatchSize: {count: 1000, scope: Session}}"),
            ]))
        let ingress = try await Ingress.find()
        for _ in 0..<2 {
          let answer = try await ingress.post("faults", in: namespace.name, body: Data("70000".utf8))
          #expect(answer.status == 200, "\(answer.text)")
          #expect(answer.text == "70000")
        }
        let pod = try #require(try await namespace.kubectl.pods(of: "faults").first)
        let containers = pod["status", "containerStatuses"]?.arrayValue ?? []
        let restarts = containers.compactMap { $0["restartCount"]?.intValue }
        #expect(restarts.allSatisfy { $0 == 0 }, "\(pod["status"] ?? .null)")
      }
    }

    /// Requests, buckets and outputs hand on exactly what they were given.
    private func bytes(_ namespace: TestNamespace) async throws {
      let ingress = try await Ingress.find()
      let payloads = [
        Data("left|right||".utf8), Data([0]), Data([0x61, 0, 0x7c, 0, 0xff, 0xfe, 0x0a]), Data(0...255), Data(),
        Data(repeating: 0x7c, count: 100_000),
      ]
      for payload in payloads {
        let answer = try await ingress.post("faults", in: namespace.name, body: payload)
        #expect(answer.status == 200, "\(payload.count) bytes: \(answer.text)")
        #expect(answer.body == payload)
        let put = try await ingress.put("any", bucket: "errands", of: "faults", in: namespace.name, body: payload)
        let id = try #require(put.sessionID, "\(put.text)")
        #expect(try await namespace.finishedSession(id, of: "faults").outputs == [""])
        let output = try await ingress.get(session: id, of: "faults", in: namespace.name, "/output")
        #expect(output.status == 200 && output.body == payload, "\(output.status) \(output.text)")
      }
    }

    private func stall(_ namespace: TestNamespace) async throws {
      let put = try await Ingress.find().put(
        "left", bucket: "pairs", of: "faults", in: namespace.name, body: Data("x".utf8))
      let id = try #require(put.sessionID, "\(put.text)")
      #expect(try await namespace.finishedSession(id, of: "faults").state == "Stalled")

      let cli = PheromoneCLI(namespace: namespace.name)
      let text = try await cli("explain", "faults", id).output
      #expect(text.contains(#/Never fired:\n +pairs\/both: measure never got right/#), "\(text)")
      let json = try await cli("explain", "faults", id, "--format", "json").output
      let waiting = try JSONDecoder().decode(SessionDescription.self, from: Data(json.utf8)).waiting
      #expect(waiting.map(\.trigger) == ["pairs/both"] && waiting.first?.lacks == ["right"], "\(json)")
      let diagram = try await cli("explain", "faults", id, "--format", "mermaid").output
      #expect(diagram.contains(#/Note over p\d+: pairs.both.* measure never got right/#), "\(diagram)")
    }
  }
}
