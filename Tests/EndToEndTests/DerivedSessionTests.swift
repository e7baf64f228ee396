import Dataflow
import Foundation
import KubernetesAPI
import Testing

extension EndToEnd {
  /// What triggers fire that gather objects of many sessions.
  @Suite struct DerivedSessionTests {
    @Test func `a batch whose session fails is told as dead letters, and its session is found like any other`()
      async throws
    {
      try await TestNamespace.with("letters") { namespace in
        var manifest = WorkflowManifest.faults()
        manifest.replicas = 2
        manifest.buckets.append(
          WorkflowManifest.bucket(
            "letters", of: "faults", triggers: "{name: pair, target: throw, byBatchSize: {count: 2}}"))
        try await namespace.deploy(manifest)
        let ingress = try await Ingress.find()
        for key in ["a", "b"] {
          let put = try await ingress.put(
            key, bucket: "letters", of: "faults", in: namespace.name, body: Data("out of cheese".utf8))
          #expect(put.status == 202, "\(put.text)")
        }

        let note = try await eventually("an Event tells of the dead letters") {
          let events = try await namespace.kubectl.list("events.events.k8s.io")
          return events.first { $0["reason"] == "DeadLetters" && $0["regarding", "name"] == "letters" }?["note"]?
            .stringValue
        }
        #expect(note.contains("2 objects are dead letters"), "\(note)")
        let count = try await eventually("the bucket counts them", within: .seconds(30)) {
          let count = try await namespace.kubectl.get("bucket", "letters")?["status", "deadLetters"]?.intValue
          return count == 0 ? nil : count
        }
        #expect(count == 2)

        // The Event names the derived session, which no request has begun.
        let id = String(try #require(note.firstMatch(of: #/explain faults (\S+) -n/#)).output.1)
        let cli = PheromoneCLI(namespace: namespace.name)
        let json = try await cli("explain", "faults", id, "--format", "json").output
        let derived = try JSONDecoder().decode(SessionDescription.self, from: Data(json.utf8))
        #expect(derived.state == "Failed")
        #expect(derived.causes.count == 2)
        let cause = try await namespace.finishedSession(try #require(derived.causes.first), of: "faults")
        #expect(cause.state == "Succeeded" && cause.derived == [id], "\(cause)")
        let text = try await cli("explain", "faults", id).output
        #expect(text.contains("Begun by:"), "\(text)")

        // All of them ran on the owner.
        let list = try await cli("sessions", "faults", "--output", "json").output
        let sessions = try JSONDecoder().decode([SessionSummary].self, from: Data(list.utf8))
        #expect(sessions.count == 3 && Set(sessions.map(\.pod)).count == 1, "\(list)")
      }
    }
  }
}
