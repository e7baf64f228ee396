import KubernetesAPI
import Testing

extension EndToEnd {
  /// What goes wrong in a pod is told on its workflow.
  @Suite struct TroubleTests {
    @Test func `a crash loop is told with its exit code and the last line of the log`() async throws {
      try await TestNamespace.with("crashloop") { namespace in
        let kubectl = namespace.kubectl
        var manifest = WorkflowManifest.faults()
        manifest.environment = ["FAULTS_LAST_WORDS": "no database at db.example"]
        try await kubectl.apply(manifest.text)
        let conditions = try await eventually("the crash loop is told", within: .seconds(90)) {
          let workflow = try await kubectl.get("workflow", "faults")
          let conditions = workflow?["status", "conditions"]?.arrayValue ?? []
          let degraded = conditions.first { $0["type"] == "Degraded" }
          guard degraded?["reason"] == "CrashLoop" else { throw NotYet("\(conditions)") }
          return conditions
        }
        let degraded = try #require(conditions.first { $0["type"] == "Degraded" }?["message"]?.stringValue)
        for words in [
          "with exit code 7", "its last words: starting | no database at db.example", "kubectl logs --previous",
        ] {
          #expect(degraded.contains(words), "\(degraded)")
        }
        let ready = conditions.first { $0["type"] == "Ready" }
        #expect(ready?["status"] == "False")
        #expect(ready?["reason"] == "CrashLoop")
        #expect(ready?["message"]?.stringValue?.contains("no database at db.example") == true)
        let stalled = conditions.first { $0["type"] == "Stalled" }
        #expect(stalled?["reason"] == "Retrying")

        let described = try await kubectl("describe", "workflow", "faults")
        #expect(described.contains("CrashLoop"), "an Event tells of it too: \(described)")

        // It is over when the program has what it lacks.
        manifest.environment = [:]
        try await kubectl.apply(manifest.text)
        try await kubectl.wait("workflow/faults", for: "condition=Ready")
        let after = try await kubectl.get("workflow", "faults")?["status", "conditions"]?.arrayValue ?? []
        #expect(!after.contains { $0["type"] == "Degraded" }, "\(after)")
      }
    }
  }
}
