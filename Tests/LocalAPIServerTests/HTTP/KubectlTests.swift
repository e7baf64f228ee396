import Foundation
import KubernetesAPI
import Testing

@testable import LocalAPIServer

@Suite(.serialized, .enabled(if: Kubectl.program != nil, "there is no kubectl"))
struct KubectlTests {
  private static let manifest = """
    apiVersion: pheromone.dev/v1alpha1
    kind: Workflow
    metadata:
      name: wordcount
    spec:
      entry: split
      replicas: 2
      functions:
      - name: split
      - name: count
      template:
        spec:
          containers:
          - {name: app, image: "ghcr.io/acme/wordcount:1.0"}
    ---
    apiVersion: pheromone.dev/v1alpha1
    kind: Bucket
    metadata:
      name: words
    spec:
      workflow: wordcount
      triggers:
      - {name: count-each, target: count, immediate: {}}
    """

  @Test(.timeLimit(.minutes(3))) func everydayCommands() async throws {
    try await Kubectl.withServer { kubectl in
      func expect(_ arguments: String..., input: String? = nil, says wanted: String, code: Int32 = 0) throws {
        let result = try kubectl.run(arguments, input: input)
        #expect(result.code == code, "kubectl \(arguments.joined(separator: " ")): \(result.output)\(result.errors)")
        #expect(
          (result.output + result.errors).contains(wanted),
          "kubectl \(arguments.joined(separator: " ")): \(result.output)\(result.errors)")
      }
      try expect("version", says: "Server Version: v1.36.2")
      try expect("api-resources", "--api-group=pheromone.dev", says: "pwf")
      try expect("apply", "-f", "-", input: Self.manifest, says: "workflow.pheromone.dev/wordcount created")
      try expect("apply", "-f", "-", input: Self.manifest, says: "bucket.pheromone.dev/words unchanged")
      let changed = Self.manifest.replacingOccurrences(of: "replicas: 2", with: "replicas: 3")
      try expect("apply", "-f", "-", input: changed, says: "workflow.pheromone.dev/wordcount configured")
      let wrong = Self.manifest.replacingOccurrences(of: "replicas: 2", with: "replica: 2")
      try expect("apply", "-f", "-", input: wrong, says: "unknown field \"spec.replica\"", code: 1)
      try expect("get", "workflows", says: "wordcount")
      try expect("get", "pwf", "-o", "wide", "-A", says: "NAMESPACE")
      try expect("get", "pwf/wordcount", "-o", "yaml", says: "sharedMemory: 256Mi")
      try expect("get", "pwf/wordcount", "-o", "json", says: "\"kind\": \"Workflow\"")
      try expect("get", "pheromone", "-o", "name", says: "bucket.pheromone.dev/words")
      try expect("get", "pwf", "wordcount", "-o", "jsonpath={.spec.replicas}", says: "3")
      try expect("scale", "workflow/wordcount", "--replicas=5", says: "scaled")
      try expect("label", "pwf", "wordcount", "tier=gold", says: "labeled")
      try expect("annotate", "pwf", "wordcount", "note=x", says: "annotated")
      try expect("get", "pwf", "-l", "tier=gold", "-o", "name", says: "workflow.pheromone.dev/wordcount")
      try expect("get", "pwf", "-l", "tier=tin", says: "No resources found")
      try expect("patch", "pwf", "wordcount", "--type=merge", "-p", "{\"spec\":{\"replicas\":1}}", says: "patched")
      try expect("wait", "pwf/wordcount", "--for=jsonpath={.spec.replicas}=1", "--timeout=5s", says: "condition met")
      try expect("wait", "pwf/wordcount", "--for=condition=Ready", "--timeout=1s", says: "timed out", code: 1)
      try expect("describe", "pwf", "wordcount", says: "Session Timeout:")
      try expect("explain", "workflow.spec.functions", says: "<string> -required-")
      try expect(
        "apply", "--server-side", "-f", "-", input: Self.manifest, says: "conflict with \"kubectl-patch\"", code: 1)
      try expect(
        "apply", "--server-side", "--force-conflicts", "-f", "-", input: Self.manifest, says: "serverside-applied")
      try expect(
        "get", "pwf", "nope", says: "Error from server (NotFound): workflows.pheromone.dev \"nope\" not found", code: 1)
      try expect("delete", "pwf", "wordcount", says: "deleted")
      try expect("delete", "pbkt", "--all", says: "deleted")
      try expect("get", "pwf", says: "No resources found")
    }
  }

  @Test(.timeLimit(.minutes(3))) func builtInKinds() async throws {
    try await Kubectl.withServer { kubectl in
      func expect(_ arguments: String..., input: String? = nil, says wanted: String, code: Int32 = 0) throws {
        let result = try kubectl.run(arguments, input: input)
        #expect(result.code == code, "kubectl \(arguments.joined(separator: " ")): \(result.output)\(result.errors)")
        #expect(
          (result.output + result.errors).contains(wanted),
          "kubectl \(arguments.joined(separator: " ")): \(result.output)\(result.errors)")
      }
      try expect("create", "namespace", "team", says: "namespace/team created")
      try expect("get", "namespaces", says: "Active")
      try expect("create", "configmap", "c", "--from-literal=a=b", "-n", "team", says: "configmap/c created")
      try expect("get", "cm", "-n", "team", says: "DATA")
      let pod = """
        apiVersion: v1
        kind: Pod
        metadata: {name: p, labels: {app: x}}
        spec:
          containers:
          - {name: app, image: "example:1"}
        """
      try expect("apply", "-f", "-", input: pod, says: "pod/p created")
      try expect("apply", "-f", "-", input: pod, says: "pod/p unchanged")
      try expect(
        "apply", "-f", "-", input: pod.replacingOccurrences(of: "example:1", with: "example:2"),
        says: "pod/p configured")
      try expect("get", "pods", says: "Pending")
      try expect("describe", "pod", "p", says: "Service Account:  default")
      try expect("logs", "p", says: "does not have a host assigned", code: 1)
      try expect("get", "events", says: "No resources found")
      try expect("events", "--for", "pod/p", says: "No events found")
      try expect("get", "all", says: "pod/p")
      try expect("explain", "pod.spec.containers", says: "imagePullPolicy")
      try expect("get", "crd", says: "workflows.pheromone.dev")
      try expect("delete", "pod", "p", says: "deleted")
      try expect("delete", "namespace", "team", says: "deleted")
    }
  }

  @Test(.timeLimit(.minutes(1))) func watchesShowChanges() async throws {
    try await Kubectl.withServer { kubectl in
      _ = try kubectl("apply", "-f", "-", input: Self.manifest)
      let watch = try kubectl.start(["get", "workflows", "-w"])
      defer { watch.terminate() }
      func waitFor(_ text: String) async throws -> Bool {
        for _ in 0..<200 {
          if kubectl.read(watch, "out").contains(text) { return true }
          try await Task.sleep(for: .milliseconds(50))
        }
        return false
      }
      #expect(try await waitFor("wordcount"))
      _ = try kubectl("scale", "workflow/wordcount", "--replicas=17")
      #expect(try await waitFor("17"))
    }
  }
}
