import Foundation
import KubectlVersion
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
      try kubectl.expect("version", says: "Server Version: v1.36.2")
      try kubectl.expect("api-resources", "--api-group=pheromone.dev", says: "pwf")
      try kubectl.expect("apply", "-f", "-", input: Self.manifest, says: "workflow.pheromone.dev/wordcount created")
      try kubectl.expect("apply", "-f", "-", input: Self.manifest, says: "bucket.pheromone.dev/words unchanged")
      let changed = Self.manifest.replacingOccurrences(of: "replicas: 2", with: "replicas: 3")
      try kubectl.expect("apply", "-f", "-", input: changed, says: "workflow.pheromone.dev/wordcount configured")
      try kubectl.expect("get", "workflows", says: "wordcount")
      try kubectl.expect("get", "pwf", "-o", "wide", "-A", says: "NAMESPACE")
      try kubectl.expect("get", "pwf/wordcount", "-o", "yaml", says: "sharedMemory: 256Mi")
      try kubectl.expect("get", "pwf/wordcount", "-o", "json", says: "\"kind\": \"Workflow\"")
      try kubectl.expect("get", "pheromone", "-o", "name", says: "bucket.pheromone.dev/words")
      try kubectl.expect("get", "pwf", "wordcount", "-o", "jsonpath={.spec.replicas}", says: "3")
      try kubectl.expect("scale", "workflow/wordcount", "--replicas=5", says: "scaled")
      try kubectl.expect("label", "pwf", "wordcount", "tier=gold", says: "labeled")
      try kubectl.expect("annotate", "pwf", "wordcount", "note=x", says: "annotated")
      try kubectl.expect("get", "pwf", "-l", "tier=gold", "-o", "name", says: "workflow.pheromone.dev/wordcount")
      try kubectl.expect("get", "pwf", "-l", "tier=tin", says: "No resources found")
      try kubectl.expect(
        "patch", "pwf", "wordcount", "--type=merge", "-p", "{\"spec\":{\"replicas\":1}}", says: "patched")
      try kubectl.expect("wait", "pwf/wordcount", "--for=condition=Ready", "--timeout=1s", says: "timed out", code: 1)
      try kubectl.expect("describe", "pwf", "wordcount", says: "Session Timeout:")
      try kubectl.expect(
        "apply", "--server-side", "-f", "-", input: Self.manifest, says: "conflict with \"kubectl-patch\"", code: 1)
      try kubectl.expect(
        "apply", "--server-side", "--force-conflicts", "-f", "-", input: Self.manifest, says: "serverside-applied")
      try kubectl.expect(
        "get", "pwf", "nope", says: "Error from server (NotFound): workflows.pheromone.dev \"nope\" not found", code: 1)
      try kubectl.expect("delete", "pwf", "wordcount", "--dry-run=server", says: "deleted (server dry run)")
      try kubectl.expect("delete", "pwf", "wordcount", says: "deleted")
      try kubectl.expect("delete", "pbkt", "--all", says: "deleted")
      try kubectl.expect("get", "pwf", says: "No resources found")
    }
  }

  @Test(.enabled(if: Kubectl.knows(.strictValidation), "kubectl before 1.25 does not let the server validate"))
  func anUnknownFieldIsRefused() async throws {
    try await Kubectl.withServer { kubectl in
      let wrong = Self.manifest.replacingOccurrences(of: "replicas: 2", with: "replica: 2")
      try kubectl.expect("apply", "-f", "-", input: wrong, says: "unknown field \"spec.replica\"", code: 1)
    }
  }

  @Test(
    .enabled(
      if: Kubectl.knows(.explainVersion3), "kubectl before 1.27 explains from OpenAPI v2, which there is none of"))
  func fieldsAreExplained() async throws {
    try await Kubectl.withServer { kubectl in
      try kubectl.expect("explain", "workflow.spec.functions", says: "<string> -required-")
      try kubectl.expect("explain", "pod.spec.containers", says: "imagePullPolicy")
    }
  }

  @Test(.enabled(if: Kubectl.knows(.waitForFields), "kubectl before 1.23 does not wait for fields"))
  func aFieldIsWaitedFor() async throws {
    try await Kubectl.withServer { kubectl in
      try kubectl.expect("apply", "-f", "-", input: Self.manifest, says: "workflow.pheromone.dev/wordcount created")
      try kubectl.expect(
        "wait", "pwf/wordcount", "--for=jsonpath={.spec.replicas}=2", "--timeout=5s", says: "condition met")
    }
  }

  @Test(.enabled(if: Kubectl.knows(.events), "kubectl before 1.26 has no command events"))
  func eventsOfAnObject() async throws {
    try await Kubectl.withServer { kubectl in
      try kubectl.expect("events", "--for", "pod/p", says: "No events found")
    }
  }

  @Test(.timeLimit(.minutes(3))) func nodesAreCordonedAndDrained() async throws {
    try await Kubectl.withServer { kubectl in
      let node = "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"n\"}}"
      try kubectl.expect("create", "-f", "-", input: node, says: "node/n created")
      var pod = Harness.pod("p")
      pod[path: "metadata", "labels"] = ["app": "a"]
      pod[path: "spec", "nodeName"] = "n"
      try kubectl.expect("create", "-f", "-", input: pod.canonicalText, says: "pod/p created")
      try kubectl.setStatus(
        ofPod: "p", ["phase": "Running", "conditions": [["type": "Ready", "status": "True"]]])
      let budget: JSONValue = [
        "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": ["name": "b"],
        "spec": ["minAvailable": 1, "selector": ["matchLabels": ["app": "a"]]],
      ]
      try kubectl.expect("create", "-f", "-", input: budget.canonicalText, says: "created")
      try kubectl.expect("cordon", "n", says: "node/n cordoned")
      let drain = ["drain", "n", "--force", "--grace-period=0"]
      let refused = try kubectl.run(drain + ["--timeout=1s"])
      #expect(refused.code == 1)
      #expect(refused.errors.contains("Cannot evict pod as it would violate the pod's disruption budget"))
      try kubectl.expect("delete", "pdb", "b", says: "deleted")
      let drained = try kubectl.run(drain + ["--timeout=30s"])
      #expect(drained.code == 0 && drained.output.contains("node/n drained"), "\(drained.errors)")
      try kubectl.expect("get", "pods", says: "No resources found")
      try kubectl.expect("uncordon", "n", says: "node/n uncordoned")
    }
  }

  @Test(.timeLimit(.minutes(3))) func builtInKinds() async throws {
    try await Kubectl.withServer { kubectl in
      try kubectl.expect("create", "namespace", "team", says: "namespace/team created")
      try kubectl.expect("get", "namespaces", says: "Active")
      try kubectl.expect("create", "configmap", "c", "--from-literal=a=b", "-n", "team", says: "configmap/c created")
      try kubectl.expect("get", "cm", "-n", "team", says: "DATA")
      let pod = """
        apiVersion: v1
        kind: Pod
        metadata: {name: p, labels: {app: x}}
        spec:
          containers:
          - {name: app, image: "example:1"}
        """
      try kubectl.expect("apply", "-f", "-", input: pod, says: "pod/p created")
      try kubectl.expect("apply", "-f", "-", input: pod, says: "pod/p unchanged")
      try kubectl.expect(
        "apply", "-f", "-", input: pod.replacingOccurrences(of: "example:1", with: "example:2"),
        says: "pod/p configured")
      try kubectl.expect("get", "pods", says: "Pending")
      try kubectl.expect("describe", "pod", "p", says: "Service Account:  default")
      try kubectl.expect("logs", "p", says: "does not have a host assigned", code: 1)
      try kubectl.expect("get", "events", says: "No resources found")
      try kubectl.expect("get", "all", says: "pod/p")
      try kubectl.expect("get", "crd", says: "workflows.pheromone.dev")
      try kubectl.expect("delete", "pod", "p", says: "deleted")
      try kubectl.expect("delete", "namespace", "team", says: "deleted")
    }
  }

  /// Starts a command whose output comes as it is written; it ends with the command.
  private static func follow(_ arguments: [String], _ kubectl: Kubectl) throws -> (Process, AsyncStream<String>) {
    let output = Pipe()
    let (chunks, arrived) = AsyncStream.makeStream(of: String.self)
    output.fileHandleForReading.readabilityHandler = { handle in
      let data = handle.availableData
      guard !data.isEmpty else {
        handle.readabilityHandler = nil
        arrived.finish()
        return
      }
      arrived.yield(String(decoding: data, as: UTF8.self))
    }
    let process = Process()
    process.executableURL = URL(filePath: try #require(Kubectl.program))
    process.arguments = ["--server", "http://127.0.0.1:\(kubectl.port)"] + arguments
    process.environment = ["HOME": kubectl.folder.path, "KUBECONFIG": "/dev/null", "PATH": "/usr/bin:/bin"]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    return (process, chunks)
  }

  /// The pod's address is the server's own, so that kubectl can be sent through the forwarded port to the server.
  @Test(.timeLimit(.minutes(1))) func portsAreForwarded() async throws {
    try await Kubectl.withServer { kubectl in
      let pod = """
        apiVersion: v1
        kind: Pod
        metadata: {name: p, labels: {app: x}}
        spec: {containers: [{name: app, image: "example:1"}]}
        """
      let service = """
        apiVersion: v1
        kind: Service
        metadata: {name: s}
        spec: {selector: {app: x}, ports: [{port: 80, targetPort: \(kubectl.port)}]}
        """
      _ = try kubectl("apply", "-f", "-", input: pod + "\n---\n" + service)
      try kubectl.setStatus(
        ofPod: "p", ["podIP": "127.0.0.1", "phase": "Running", "conditions": [["type": "Ready", "status": "True"]]])
      for target in ["pod/p", "service/s"] {
        let remote = target == "pod/p" ? kubectl.port : 80
        let (forward, chunks) = try Self.follow(["port-forward", target, ":\(remote)"], kubectl)
        defer { forward.terminate() }
        var said = ""
        for await chunk in chunks {
          said += chunk
          if said.contains("->") { break }
        }
        let port = try #require(said.firstMatch(of: #/127\.0\.0\.1:(\d+) ->/#).flatMap { Int($0.1) }, "\(said)")
        let tunnel = Kubectl(port: port, folder: kubectl.folder)
        // More than any buffer on the way holds, in both directions.
        let text = String(repeating: "follow the data; ", count: 60_000)
        let map =
          "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"big\"},\"data\":{\"t\":\"\(text)\"}}"
        let created = try tunnel("create", "-f", "-", input: map)
        #expect(created.code == 0, "\(created.errors)")
        #expect(try tunnel("get", "configmap", "big", "-o", "jsonpath={.data.t}").output == text)
        #expect(try tunnel("delete", "configmap", "big").code == 0)
      }
    }
  }

  @Test(.timeLimit(.minutes(1))) func whyAPortIsNotForwarded() async throws {
    try await Kubectl.withServer { kubectl in
      let pod = """
        apiVersion: v1
        kind: Pod
        metadata: {name: p}
        spec: {containers: [{name: app, image: "example:1"}]}
        """
      _ = try kubectl("apply", "-f", "-", input: pod)
      try kubectl.setStatus(ofPod: "p", ["podIP": "127.0.0.1", "phase": "Running"])
      // Port 9 is discard's, where nobody listens.
      let (forward, chunks) = try Self.follow(["port-forward", "pod/p", ":9"], kubectl)
      defer { forward.terminate() }
      var said = ""
      var isAsked = false
      for await chunk in chunks {
        said += chunk
        if !isAsked, let port = said.firstMatch(of: #/127\.0\.0\.1:(\d+) ->/#).flatMap({ Int($0.1) }) {
          isAsked = true
          #expect(try Kubectl(port: port, folder: kubectl.folder)("get", "--raw", "/version").code != 0)
        }
        if said.contains("127.0.0.1:9, does a container listen there?") { break }
      }
      #expect(said.contains("error forwarding port 9 to pod default/p"), "\(said)")
    }
  }

  @Test(.timeLimit(.minutes(1))) func watchesShowChanges() async throws {
    try await Kubectl.withServer { kubectl in
      _ = try kubectl("apply", "-f", "-", input: Self.manifest)
      let (watch, chunks) = try Self.follow(["get", "workflows", "-w"], kubectl)
      defer { watch.terminate() }
      var seen = ""
      // False when kubectl ends before, or the test's time is over.
      func sees(_ text: String) async -> Bool {
        if seen.contains(text) { return true }
        for await chunk in chunks {
          seen += chunk
          if seen.contains(text) { return true }
        }
        return false
      }
      #expect(await sees("wordcount"), "\(seen)")
      _ = try kubectl("scale", "workflow/wordcount", "--replicas=17")
      #expect(await sees("17"), "\(seen)")
    }
  }
}
