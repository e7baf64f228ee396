import KubernetesAPI
import Testing

extension EndToEnd {
  /// What an unmodified kubectl changes.
  @Suite struct KubectlChangeTests {
    @Test func `apply, patch, label, annotate and delete`() async throws {
      try await TestNamespace.with("change") { namespace in
        let kubectl = namespace.kubectl
        try await namespace.deployWordCount()

        let again = try await kubectl("apply", "-f", TestEnvironment.wordCountManifest)
        #expect(again.split(separator: "\n").allSatisfy { $0.hasSuffix("unchanged") }, "\(again)")
        let created = try await kubectl.outcome("create", "-f", TestEnvironment.wordCountManifest)
        #expect(created.errors.contains("AlreadyExists"), "\(created)")

        let before = try #require(try await kubectl.get("workflow", "wordcount"))
        try await kubectl("label", "workflow", "wordcount", "tier=gold")
        try await kubectl("annotate", "workflow", "wordcount", "note=x")
        let labelled = try #require(try await kubectl.get("workflow", "wordcount"))
        #expect(labelled.labels["tier"] == "gold")
        #expect(labelled.annotations["note"] == "x")
        #expect(labelled.generation == before.generation, "metadata is no change of the spec")

        try await kubectl("patch", "workflow", "wordcount", "--type=merge", "--patch", #"{"spec":{"retention":"6m"}}"#)
        let patched = try #require(try await kubectl.get("workflow", "wordcount"))
        #expect(patched["spec", "retention"] == "6m")
        #expect(patched.generation == before.generation + 1)

        let stale = try await kubectl.outcome(
          "patch", "workflow", "wordcount", "--type=merge",
          "--patch", #"{"metadata":{"resourceVersion":"1"},"spec":{"retention":"7m"}}"#)
        #expect(stale.errors.contains("Conflict") || stale.errors.contains("modified"), "\(stale)")
        let moved = try await kubectl.outcome(
          "patch", "bucket", "words", "--type=merge", "--patch", #"{"spec":{"triggers":"none"}}"#)
        #expect(moved.errors.contains("spec.triggers"), "\(moved)")

        try await kubectl("delete", "bucket", "counts")
        #expect(try await kubectl.get("bucket", "counts") == nil)
        let twice = try await kubectl.outcome("delete", "bucket", "counts")
        #expect(twice.errors.contains("NotFound"), "\(twice)")
      }
    }

    @Test func `scale goes up, down, to zero and back`() async throws {
      try await TestNamespace.with("scale") { namespace in
        let kubectl = namespace.kubectl
        try await namespace.deployWordCount()
        let first = Set(try await kubectl.pods(of: "wordcount").map(\.uid))

        for replicas in [4, 1, 0, 2] {
          let before = Set(try await kubectl.pods(of: "wordcount").map(\.uid))
          try await kubectl("scale", "workflow/wordcount", "--replicas=\(replicas)")
          let after = try await eventually("\(replicas) ready pods") {
            let workflow = try await kubectl.get("workflow", "wordcount")
            let pods = try await kubectl.list("pods", selector: "pheromone.dev/workflow=wordcount")
            guard workflow?["status", "ready"]?.stringValue == "\(replicas)/\(replicas)", pods.count == replicas else {
              throw NotYet("\(pods.count) pods; \(workflow?["status"] ?? .null)")
            }
            return Set(pods.map(\.uid))
          }
          #expect(after.isSubset(of: before) || before.isSubset(of: after), "no pod is replaced by another")
          let ready = try await kubectl.get("workflow", "wordcount")?.condition("Ready")
          #expect(ready?.status == "True")
          if replicas == 0 { #expect(ready?.reason == "ScaledToZero") }
        }
        #expect(first.count == 2)
        let answer = try await PheromoneCLI(namespace: namespace.name)("invoke", "wordcount", "--data", "a b a")
        #expect(try WordCounts(lines: answer.output).counts == ["a": 2, "b": 1])
      }
    }
  }
}
