import Foundation
import KubernetesAPI
import Testing

extension EndToEnd {
  /// What an unmodified kubectl shows of workflows, buckets and their pods.
  @Suite struct KubectlReadTests {
    @Test func `everything can be read in every form`() async throws {
      try await TestNamespace.with("read") { namespace in
        try await namespace.deployWordCount()
        let kubectl = namespace.kubectl

        try await tables(kubectl)
        try await documents(kubectl)
        try await selections(kubectl, namespace: namespace.name)

        let description = try await kubectl("describe", "workflow", "wordcount")
        #expect(description.contains("Kind:         Workflow"))
        #expect(description.contains("Accepted"))
        let podName = try #require(try await kubectl.pods(of: "wordcount").first).name
        #expect(try await kubectl("describe", "pod", podName).contains("pheromone-sidecar"))

        // Logs of a container that runs; that there is a stream at all is what counts.
        try await kubectl("logs", podName, "--container", "app")
        try await kubectl("logs", podName, "--container", "pheromone-sidecar", "--tail=5")
        let missing = try await kubectl.outcome("logs", podName, "--container", "nobody")
        #expect(!missing.succeeded)
        #expect(missing.errors.contains("nobody"))
      }
    }

    private func tables(_ kubectl: Kubectl) async throws {
      let table = try await kubectl("get", "workflows").split(separator: "\n").map(String.init)
      #expect(
        table.first?.split(separator: " ").map(String.init)
          == ["NAME", "READY", "ACCEPTED", "REPLICAS", "ACTIVE", "SUCCEEDED", "FAILED", "AGE"])
      #expect(table.last?.split(separator: " ").prefix(4).map(String.init) == ["wordcount", "2/2", "True", "2"])

      let buckets = try await kubectl("get", "pbkt").split(separator: "\n").map(String.init)
      #expect(buckets.dropFirst().map { $0.prefix { $0 != " " } } == ["counts", "words"])

      let pods = try await kubectl("get", "pods").split(separator: "\n").map(String.init)
      #expect(pods.count == 3)
      #expect(pods.dropFirst().allSatisfy { $0.contains("2/2") && $0.contains("Running") }, "\(pods)")
      let wide = try await kubectl("get", "pods", "--output", "wide")
      #expect(wide.contains("NODE"))
      #expect(wide.contains("IP"))
    }

    private func documents(_ kubectl: Kubectl) async throws {
      #expect(try await kubectl("get", "pwf,pbkt", "--output", "name").split(separator: "\n").count == 3)
      #expect(try await kubectl("get", "pwf", "wordcount", "--output", "yaml").contains("kind: Workflow\n"))
      #expect(
        try await kubectl("get", "pwf", "wordcount", "--output", "jsonpath={.status.readyReplicas}/{.spec.entry}")
          == "2/split")
      // What the schema's defaults add can be read back.
      let workflow = try #require(try await kubectl.get("workflow", "wordcount"))
      #expect(workflow["spec", "sessionTimeout"] == "60s")
      #expect(workflow["status", "observedGeneration"]?.intValue == workflow.generation)
    }

    private func selections(_ kubectl: Kubectl, namespace: String) async throws {
      #expect(try await kubectl.list("pods", selector: "pheromone.dev/workflow=wordcount").count == 2)
      #expect(try await kubectl.list("pods", selector: "pheromone.dev/workflow=other").isEmpty)
      #expect(try await kubectl.list("pods", selector: "pheromone.dev/workflow in (wordcount,other)").count == 2)
      let all = try await Kubectl()("get", "workflows", "--all-namespaces")
      #expect(all.contains(namespace))
      let missing = try await kubectl.outcome("get", "workflow", "nope")
      #expect(missing.errors.contains("workflows.pheromone.dev \"nope\" not found"), "\(missing)")
    }

    @Test func `a watch shows each change as it comes`() async throws {
      try await TestNamespace.with("watch") { namespace in
        let kubectl = namespace.kubectl
        try await namespace.deployWordCount()
        let scratch = try Scratch()
        defer { scratch.remove() }
        let file = try scratch.write("", "watched")
        // The watch is ended by its own time; what it has written by then has to hold the three states.
        async let watch = Command(
          program: "/bin/bash",
          arguments: [
            "-c",
            """
            exec "$1" --namespace "$2" get workflow wordcount --watch --output-watch-events --request-timeout=20s \
              --output 'jsonpath={.type}:{.object.spec.replicas}{"\\n"}' >"$3"
            """, "watch", TestEnvironment.kubectl, namespace.name, file.path,
          ], seconds: 30
        ).outcome()
        for (replicas, event) in [(3, "ADDED:2"), (1, "MODIFIED:3"), (2, "MODIFIED:1")] {
          try await eventually("the watch shows \(event)") { try scratch.text("watched").contains(event) ? true : nil }
          try await kubectl("scale", "workflow/wordcount", "--replicas=\(replicas)")
        }
        let ended = try await watch
        #expect(try scratch.text("watched").contains("MODIFIED:2"), "\(ended)")
      }
    }
  }
}
