import Foundation
import KubernetesAPI
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

extension EndToEnd {
  /// Ports of pods, forwarded by kubectl; and the command line, which finds the coordinator that way.
  @Suite struct PortForwardTests {
    @Test func `kubectl forwards a port of a pod`() async throws {
      try await TestNamespace.with("forward") { namespace in
        try await namespace.deployWordCount()
        let pod = try #require(try await namespace.kubectl.pods(of: "wordcount").first)
        let containers = ["initContainers", "containers"].flatMap { pod["spec", $0]?.arrayValue ?? [] }
        let ports = containers.flatMap { $0["ports"]?.arrayValue ?? [] }
        let numbers = ports.compactMap { $0["containerPort"]?.intValue }
        let port = try #require(numbers.first)
        let forward = try await PortForward("pod/\(pod.name)", port: port, namespace: namespace.name)
        // A session of its own for each request, and so a connection.
        for _ in 1...3 {
          let (_, answer) = try await URLSession(configuration: .ephemeral).data(
            from: forward.url.appending(path: "readyz"))
          #expect((answer as? HTTPURLResponse)?.statusCode == 200)
        }
      }
    }

    @Test(.enabled(if: TestEnvironment.ownsCluster, "takes the address of the cluster's coordinator away"))
    func `the coordinator is found through kubectl port-forward alone`() async throws {
      try await TestNamespace.with("tunnel") { namespace in
        try await namespace.deployWordCount()
        try await withHiddenCoordinator {
          let cli = Self.cli(in: namespace)
          let answer = try await cli("invoke", "wordcount", "--data", "to be or not to be")
          #expect(try WordCounts(lines: answer.output).counts == ["to": 2, "be": 2, "or": 1, "not": 1])
          #expect(answer.errors.isEmpty, "\(answer)")
          let id = try await cli("invoke", "wordcount", "--async", "--data", "a").output
            .trimmingCharacters(in: .whitespacesAndNewlines)
          #expect(try await cli("explain", "wordcount", id).output.contains(id))
          #expect(try Self.forwards().isEmpty, "kubectl ends with the command")

          // Neither env nor timeout has to be found on the empty PATH.
          let program = TestEnvironment.program("pheromone")
          let missing = try await Command(
            program: "/usr/bin/env", arguments: ["PATH=/nowhere", program, "sessions", "wordcount"],
            environment: Self.undirected
          ).outcome()
          #expect(missing.status == 3, "\(missing)")
          #expect(missing.errors.contains("no kubectl on PATH"), "\(missing)")

          // The same when the command is killed while its request waits for a pod.
          try await namespace.kubectl("scale", "workflow/wordcount", "--replicas=0")
          try await eventually("no pod is left") { try await namespace.kubectl.list("pods").isEmpty ? true : nil }
          let killed = try await Command(
            program: "timeout",
            arguments: [
              "--foreground", "--signal=KILL", "3", program, "invoke", "wordcount", "--data", "x", "--namespace",
              namespace.name,
            ], environment: Self.undirected
          ).outcome()
          #expect(killed.status == 137, "\(killed)")
          try await eventually("kubectl is gone") { try Self.forwards().isEmpty ? true : nil }

          // This suite's own way to the coordinator, on a cluster like this one.
          #expect(try await Ingress.find().get("/readyz").status == 200)
          try await eventually("kubectl is gone") { try Self.forwards().isEmpty ? true : nil }
        }
      }
    }

    @Test(.enabled(if: TestEnvironment.ownsCluster, "takes the address of the cluster's coordinator away"))
    func `a coordinator without a pod, or whose pod does not listen, is explained`() async throws {
      try await withHiddenCoordinator(port: 9) {
        let deaf = try await Self.cli(in: nil).outcome("sessions", "wordcount")
        #expect(deaf.status == 3, "\(deaf)")
        #expect(deaf.errors.contains("does a container listen there?"), "\(deaf)")
        try await Self.system("delete", "pod", Self.podName, "--force", "--grace-period=0")
        let gone = try await Self.cli(in: nil).outcome("sessions", "wordcount")
        #expect(gone.status == 3, "\(gone)")
        #expect(gone.errors.contains("see whether a pod of it runs"), "\(gone)")
      }
    }

    // MARK: - A coordinator like that of a real cluster

    private static let system = Kubectl(namespace: "pheromone-system")
    private static let service = "pheromone-coordinator"
    private static let podName = "coordinator-behind-a-pod"

    private static let undirected: [String: String?] = ["PHEROMONE_COORDINATOR_URL": nil]

    private static func cli(in namespace: TestNamespace?) -> PheromoneCLI {
      PheromoneCLI(namespace: namespace?.name, environment: undirected)
    }

    /// The local cluster's coordinator is no pod, and its Service has an address. For the time of a test the address is
    /// gone, and a pod that no node runs stands for the process. `port` is where it listens, if not at the right one.
    private func withHiddenCoordinator(port: Int? = nil, _ test: () async throws -> Void) async throws {
      let service = try #require(try await Self.system.get("service", Self.service))
      let real = try #require(service["spec", "ports"]?[0]?["port"]?.intValue)
      let labels = "{app.kubernetes.io/name: pheromone, app.kubernetes.io/component: coordinator}"
      try await Self.system.apply(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: \(Self.podName), labels: \(labels)}
        spec: {nodeName: elsewhere, containers: [{name: coordinator, image: "example:1"}]}
        """)
      try await Self.system.setStatus(
        "pods", Self.podName,
        ["podIP": "127.0.0.1", "phase": "Running", "conditions": [["type": "Ready", "status": "True"]]])
      try await Self.system.setStatus("services", Self.service, ["loadBalancer": [:]])
      try await Self.patchPort(port ?? real)
      let result: Result<Void, any Error>
      do { result = .success(try await test()) } catch { result = .failure(error) }
      try await Self.patchPort(real)
      try await Self.system.setStatus("services", Self.service, ["loadBalancer": ["ingress": [["ip": "127.0.0.1"]]]])
      try await Self.system("delete", "pod", Self.podName, "--ignore-not-found", "--force", "--grace-period=0")
      try result.get()
    }

    private static func patchPort(_ port: Int) async throws {
      try await system(
        "patch", "service", service, "--type=merge", "--patch",
        #"{"spec":{"ports":[{"name":"http","port":\#(port),"protocol":"TCP"}]}}"#)
    }

    /// The port-forwards of this test's cluster that run.
    private static func forwards() throws -> [ProcessTable.Entry] {
      try ["kubectl", URL(filePath: TestEnvironment.kubectl).resolvingSymlinksInPath().lastPathComponent].flatMap {
        try ProcessTable.entries(program: $0)
      }
    }
  }
}
