import Foundation
import Testing

extension EndToEnd {
  /// What a person at a shell meets when something is wrong.
  @Suite struct CommandLineTests {
    @Test func `lint names file, line and column of what is no YAML`() async throws {
      let scratch = try Scratch()
      defer { scratch.remove() }
      let file = try scratch.write(
        "apiVersion: pheromone.dev/v1alpha1\nkind: Workflow\nspec: {entry: [split\n", "bad.yaml")
      let outcome = try await PheromoneCLI().outcome("lint", "-f", file.path)
      #expect(!outcome.succeeded)
      #expect((outcome.output + outcome.errors).contains(#/bad\.yaml:\d+:\d+/#), "\(outcome)")
    }

    @Test func `lint finds what the controller would, and likes the example`() async throws {
      let good = try await PheromoneCLI().outcome("lint", "-f", TestEnvironment.wordCountManifest)
      #expect(good.succeeded, "\(good)")
      let scratch = try Scratch()
      defer { scratch.remove() }
      let example = try String(contentsOfFile: TestEnvironment.wordCountManifest, encoding: .utf8)
      let file = try scratch.write(example.replacing("target: merge", with: "target: merged"), "bad.yaml")
      let bad = try await PheromoneCLI().outcome("lint", "-f", file.path)
      #expect(!bad.succeeded)
      #expect((bad.output + bad.errors).contains("spec.triggers[0].target"), "\(bad)")
    }

    @Test func `an API server that is not there is named, within seconds`() async throws {
      let scratch = try Scratch()
      defer { scratch.remove() }
      // Port 9 is discard's, where nobody listens.
      let file = try scratch.write(Self.kubeconfig(server: "http://127.0.0.1:9"), "kubeconfig")
      let cli = PheromoneCLI(environment: ["KUBECONFIG": file.path])
      let outcome = try await cli.outcome("invoke", "wordcount", "--data", "x", seconds: 30)
      #expect(!outcome.succeeded)
      #expect(outcome.status != 124, "it hangs")
      #expect(outcome.errors.contains("127.0.0.1:9"), "\(outcome)")
    }

    @Test func `a kubeconfig that is stale is named with what is wrong in it`() async throws {
      let scratch = try Scratch()
      defer { scratch.remove() }
      let missing = PheromoneCLI(environment: ["KUBECONFIG": scratch.folder.appending(path: "gone").path])
      let gone = try await missing.outcome("invoke", "wordcount", "--data", "x", seconds: 30)
      #expect(!gone.succeeded)
      #expect(gone.errors.contains("gone"), "\(gone)")

      let file = try scratch.write(
        Self.kubeconfig(server: "http://127.0.0.1:9").replacing(
          "current-context: here", with: "current-context: there"),
        "stale")
      let stale = try await PheromoneCLI(environment: ["KUBECONFIG": file.path])
        .outcome("invoke", "wordcount", "--data", "x", seconds: 30)
      #expect(!stale.succeeded)
      #expect(stale.errors.contains("there"), "\(stale)")
      #expect(stale.errors.contains("stale"), "names the file: \(stale)")
    }

    @Test func `a workflow that does not exist is named`() async throws {
      let outcome = try await PheromoneCLI(namespace: "default").outcome("invoke", "no-such-workflow", "--data", "x")
      #expect(!outcome.succeeded)
      #expect(outcome.errors.contains("no-such-workflow"), "\(outcome)")
      let restart = try await PheromoneCLI(namespace: "default").outcome("restart", "no-such-workflow")
      #expect(restart.status == 2, "\(restart)")
      #expect(restart.errors.contains("no-such-workflow"), "\(restart)")
    }

    @Test func `a restart of what does not run says when or why not`() async throws {
      try await TestNamespace.with("restart") { namespace in
        try await namespace.deployWordCount()
        let cli = PheromoneCLI(namespace: namespace.name)
        try await namespace.kubectl(
          "patch", "workflow", "wordcount", "--type=merge", "--patch", #"{"spec":{"paused":true}}"#)
        #expect(try await cli("restart", "wordcount").output.contains("once spec.paused is false"))
        try await namespace.kubectl("scale", "workflow/wordcount", "--replicas=0")
        try await namespace.kubectl(
          "patch", "workflow", "wordcount", "--type=merge", "--patch", #"{"spec":{"paused":false}}"#)
        #expect(try await cli("restart", "wordcount").output.contains("no replicas"))
      }
    }

    @Test func `flag and environment name the coordinator, and a request has its time and its file`() async throws {
      try await TestNamespace.with("flags") { namespace in
        try await namespace.deploy(.faults())
        let ingress = try await Ingress.find()
        let scratch = try Scratch()
        defer { scratch.remove() }
        // Whoever names the coordinator needs no API server.
        let nowhere = "http://127.0.0.1:9"
        let kubeconfig = try scratch.write(Self.kubeconfig(server: nowhere), "kubeconfig").path
        func cli(_ address: String) -> PheromoneCLI {
          PheromoneCLI(
            namespace: namespace.name, environment: ["KUBECONFIG": kubeconfig, "PHEROMONE_COORDINATOR_URL": address])
        }
        let right = ingress.url.absoluteString
        let file = scratch.folder.appending(path: "answer").path
        let byEnvironment = try await cli(right)("invoke", "faults", "--data", "one", "--output", file)
        #expect(byEnvironment.output.isEmpty, "\(byEnvironment)")
        #expect(try scratch.text("answer") == "one")
        // The flag goes before the environment.
        #expect(try await cli(nowhere)("invoke", "faults", "--data", "two", "--coordinator", right).output == "two")

        let unreachable = try await cli(right).outcome("invoke", "faults", "--coordinator", nowhere)
        #expect(unreachable.status == 3, "\(unreachable)")
        #expect(unreachable.errors.contains(nowhere), "\(unreachable)")
        let nonsense = try await cli("localhost").outcome("invoke", "faults")
        #expect(nonsense.status == 1, "\(nonsense)")
        #expect(nonsense.errors.contains("http://host:port"), "\(nonsense)")
        let unwritable = try await cli(right).outcome("invoke", "faults", "--output", file + "/none")
        #expect(unwritable.status == 1, "\(unwritable)")
        #expect(unwritable.errors.contains(file + "/none"), "\(unwritable)")

        let late = try await cli(right).outcome(
          "invoke", "faults", "--function", "linger", "--data", "60", "--timeout", "1s", seconds: 30)
        #expect(late.status == 4, "\(late)")
        let wrong = try await cli(right).outcome("invoke", "faults", "--timeout", "soon")
        #expect(wrong.status == 64, "\(wrong)")
      }
    }

    @Test func `every command explains itself`() async throws {
      for command in [
        [], ["cluster"], ["invoke"], ["sessions"], ["explain"], ["output"], ["cancel"], ["recording"], ["replay"],
        ["restart"], ["lint"], ["version"],
      ] {
        let outcome = try await Command(
          program: TestEnvironment.program("pheromone"), arguments: command + ["--help"]
        ).outcome()
        #expect(outcome.succeeded, "\(outcome)")
        #expect(outcome.output.contains("USAGE"), "\(outcome)")
      }
      #expect(try await PheromoneCLI()("version").output.contains(#/\d+\.\d+/#))
    }

    @Test(.enabled(if: TestEnvironment.ownsCluster, "needs the local cluster's ports"))
    func `a second cluster on the same port is refused, and the first one lives on`() async throws {
      let scratch = try Scratch()
      defer { scratch.remove() }
      let server = try await Kubectl()(
        "config", "view", "--minify", "--output", "jsonpath={.clusters[0].cluster.server}")
      let port = try #require(URL(string: server)?.port)
      let folder = scratch.folder.appending(path: "second").path
      let outcome = try await PheromoneCLI().outcome(
        "cluster", "start", "--directory", folder, "--port", "\(port)", seconds: 30)
      #expect(!outcome.succeeded)
      #expect(outcome.errors.contains("\(port)"), "\(outcome)")
      try await Kubectl()("get", "workflows")
      #expect(try ProcessTable.entries(program: "pheromone-controller").count == 1)
    }

    @Test(.enabled(if: TestEnvironment.ownsCluster, "needs the local cluster's folder"))
    func `a cluster that runs does not drop new images in silence`() async throws {
      let folder = try #require(TestEnvironment.clusterFolder).path
      let image = "ghcr.io/acme/greet=\(TestEnvironment.repository.path)"
      let outcome = try await PheromoneCLI().outcome(
        "cluster", "start", "--directory", folder, "--image", image, seconds: 30)
      #expect(outcome.status == 1, "\(outcome)")
      #expect(outcome.errors.contains("these images were not added: ghcr.io/acme/greet="), "\(outcome)")
      #expect(outcome.errors.contains("pheromone cluster stop"), "\(outcome)")
      #expect(try await PheromoneCLI().outcome("cluster", "start", "--directory", folder, seconds: 30).succeeded)
    }

    private static func kubeconfig(server: String) -> String {
      """
      apiVersion: v1
      kind: Config
      current-context: here
      clusters: [{name: here, cluster: {server: "\(server)"}}]
      contexts: [{name: here, context: {cluster: here, user: me}}]
      users: [{name: me, user: {}}]
      """
    }
  }
}
