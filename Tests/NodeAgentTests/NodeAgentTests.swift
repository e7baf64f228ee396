import Foundation
import KubernetesAPI
import KubernetesClient
import LocalAPIServer
import Logging
import NodeAgent
import NodeControl
import ServiceLifecycle
import Testing

/// A node agent on a real API server in this process, with /bin as the image `busybox`.
@Suite(.timeLimit(.minutes(1))) struct NodeAgentTests {
  private func withNode(_ body: @Sendable (KubernetesClient, String) async throws -> Void) async throws {
    let folder = NSTemporaryDirectory() + "pheromone-agent-\(UUID().uuidString.prefix(8))"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var logger = Logger(label: "test")
    logger.logLevel = .error
    let server = LocalAPIServer(configuration: .init(port: 0, logger: logger))
    let port = Task { try await server.boundPort() }
    let services = ServiceGroup(services: [server], logger: logger)
    let serving = Task { try await services.run() }
    defer { serving.cancel() }
    let client = KubernetesClient(
      ClientConfiguration(server: "http://127.0.0.1:\(try await port.value)"), userAgent: "test", logger: logger)
    let node = NodeIdentity(
      name: "n", address: "127.0.0.1", capacity: .init(processors: 2, memoryBytes: 1 << 30, pods: 10))
    var configuration = NodeAgent.Configuration(
      node: node, folder: folder, images: ImageMap(folders: ["busybox": "/bin"]))
    configuration.addressNetwork = 200
    let group = ServiceGroup(
      services: [
        NodeAgent(client: client, configuration: configuration, logger: logger),
        NodeLifecycle(client: client, logger: logger), PodScheduler(client: client, logger: logger),
      ], logger: logger)
    let running = Task { try await group.run() }
    do { try await body(client, folder) } catch {
      await group.triggerGracefulShutdown()
      _ = await running.result
      throw error
    }
    await group.triggerGracefulShutdown()
    try await running.value
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/processes").isEmpty)
  }

  private static func pod(_ name: String, _ spec: JSONValue) -> KubernetesObject {
    var pod = KubernetesObject(.pod, namespace: "default", name: name)
    pod["spec"] = spec
    return pod
  }

  /// Watches a pod until it is as wanted; nil when it is deleted.
  private func waited(
    _ client: KubernetesClient, _ name: String, until isDone: (KubernetesObject) -> Bool
  ) async throws -> KubernetesObject? {
    let list = try await client.list(.pod, namespace: "default", fieldSelector: "metadata.name=\(name)")
    if let pod = list.items.first, isDone(pod) { return pod }
    let events = client.watch(
      .pod, namespace: "default", fieldSelector: "metadata.name=\(name)", resourceVersion: list.resourceVersion)
    for try await event in events {
      switch event {
      case .added(let pod), .modified(let pod): if isDone(pod) { return pod }
      case .deleted: return nil
      case .bookmark: continue
      case .error(let status): throw status
      }
    }
    return nil
  }

  @Test func aPodRunsItsInitContainerAndCommandAndSucceeds() async throws {
    try await withNode { client, _ in
      var map = KubernetesObject(.configMap, namespace: "default", name: "m")
      map["data"] = ["k": "from the map"]
      _ = try await client.create(map, .configMap)
      let mounts: JSONValue = [["name": "w", "mountPath": "/w"], ["name": "m", "mountPath": "/etc/m"]]
      _ = try await client.create(
        Self.pod(
          "job",
          [
            "restartPolicy": "Never",
            "volumes": [["name": "w", "emptyDir": [:]], ["name": "m", "configMap": ["name": "m"]]],
            "initContainers": [
              ["name": "i", "image": "busybox", "command": ["sh", "-c", "cp /etc/m/k /w/k"], "volumeMounts": mounts]
            ],
            "containers": [
              [
                "name": "c", "image": "busybox", "volumeMounts": mounts,
                "env": [["name": "IP", "valueFrom": ["fieldRef": ["fieldPath": "status.podIP"]]]],
                "command": ["sh", "-c", "test \"$(cat /w/k)\" = 'from the map' && test $(IP) = 127.200.0.2"],
              ]
            ],
          ]), .pod)
      let pod = try #require(
        try await waited(client, "job") { ["Succeeded", "Failed"].contains($0["status", "phase"]?.stringValue) })
      #expect(pod["status", "phase"] == "Succeeded")
      #expect(pod["status", "podIP"] == "127.200.0.2")
      #expect(pod["status", "containerStatuses"]?[0]?[path: "state", "terminated", "exitCode"] == 0)
    }
  }

  @Test func deletionLetsTheContainerEndAndRemovesThePod() async throws {
    try await withNode { client, folder in
      let script = "trap 'echo bye > \(folder)/bye; exit 0' TERM; while true; do sleep 0.05; done"
      _ = try await client.create(
        Self.pod(
          "p",
          [
            "terminationGracePeriodSeconds": 20,
            "containers": [["name": "c", "image": "busybox", "command": ["sh", "-c", .string(script)]]],
          ]), .pod)
      _ = try await waited(client, "p") { pod in
        (pod["status", "conditions"]?.arrayValue ?? []).contains { $0["type"] == "Ready" && $0["status"] == "True" }
      }
      try await client.delete(.pod, namespace: "default", name: "p")
      let gone = try await waited(client, "p") { _ in false }
      #expect(gone == nil)
      #expect(FileManager.default.contents(atPath: folder + "/bye") == Data("bye\n".utf8))
    }
  }

  private static let sleeper: JSONValue = [
    "terminationGracePeriodSeconds": 1,
    "containers": [["name": "c", "image": "busybox", "command": ["sleep", "60"]]],
  ]

  private static func condition(_ type: String, of pod: KubernetesObject?) -> JSONValue? {
    (pod?["status", "conditions"]?.arrayValue ?? []).first { $0["type"]?.stringValue == type }
  }

  @Test func nothingIsBoundToACordonedNode() async throws {
    try await withNode { client, _ in
      _ = try await client.create(Self.pod("early", Self.sleeper), .pod)
      _ = try await waited(client, "early") { $0["status", "phase"] == "Running" }
      _ = try await client.patch(.node, name: "n", strategic: ["spec": ["unschedulable": true]])
      _ = try await client.create(Self.pod("late", Self.sleeper), .pod)
      let refused = try await waited(client, "late") {
        Self.condition("PodScheduled", of: $0)?["status"] == "False" || $0["spec", "nodeName"] != nil
      }
      // The node's change may reach the agent after the pod; then it was bound before it was cordoned.
      if let refused, refused["spec", "nodeName"] == nil {
        #expect(
          Self.condition("PodScheduled", of: refused)?["message"]
            == "0/1 nodes are available: 1 node(s) were unschedulable.")
      }
      let early = try await client.get(.pod, namespace: "default", name: "early")
      #expect(early["status", "phase"] == "Running" && !early.isBeingDeleted)
      _ = try await client.patch(.node, name: "n", strategic: ["spec": ["unschedulable": false]])
      let bound = try await waited(client, "late") { $0["status", "phase"] == "Running" }
      #expect(bound != nil)
    }
  }

  @Test func taintsThatAreExecutedTakePodsAway() async throws {
    try await withNode { client, _ in
      var tolerant = Self.sleeper
      tolerant["tolerations"] = [["key": "broken", "operator": "Exists"]]
      _ = try await client.create(Self.pod("stays", tolerant), .pod)
      _ = try await client.create(Self.pod("goes", Self.sleeper), .pod)
      for name in ["stays", "goes"] { _ = try await waited(client, name) { $0["status", "phase"] == "Running" } }
      let taint: JSONValue = ["key": "broken", "effect": "NoExecute"]
      _ = try await client.patch(.node, name: "n", strategic: ["spec": ["taints": [taint]]])
      let going = try await waited(client, "goes", until: \.isBeingDeleted)
      #expect(Self.condition("DisruptionTarget", of: going)?["reason"] == "DeletionByTaintManager")
      #expect(try await waited(client, "goes") { _ in false } == nil)
      #expect(try await !client.get(.pod, namespace: "default", name: "stays").isBeingDeleted)
    }
  }

  @Test func conditionsOfOthersStay() async throws {
    try await withNode { client, _ in
      _ = try await client.create(Self.pod("p", Self.sleeper), .pod)
      _ = try await waited(client, "p") { $0["status", "phase"] == "Running" }
      let gate: JSONValue = ["type": "example.com/gate", "status": "True"]
      _ = try await client.patch(
        .pod, namespace: "default", name: "p", subresource: "status",
        strategic: ["status": ["conditions": [gate]]])
      try await client.delete(.pod, namespace: "default", name: "p")
      let ended = try await waited(client, "p") { Self.condition("Ready", of: $0)?["status"] == "False" }
      #expect(Self.condition("example.com/gate", of: ended)?["status"] == "True")
    }
  }

  @Test func theLogEndpointServesAContainersOutput() async throws {
    try await withNode { client, _ in
      _ = try await client.create(
        Self.pod(
          "l",
          [
            "restartPolicy": "Never",
            "containers": [["name": "c", "image": "busybox", "command": ["sh", "-c", "echo one; echo two >&2"]]],
          ]), .pod)
      _ = try await waited(client, "l") { $0["status", "phase"] == "Succeeded" }
      let response = try await client.send(.init(path: "/api/v1/namespaces/default/pods/l/log"))
      #expect(String(decoding: response.body, as: UTF8.self) == "one\ntwo\n")
    }
  }

  private static func isReady(_ pod: KubernetesObject) -> Bool {
    (pod["status", "conditions"]?.arrayValue ?? []).contains { $0["type"] == "Ready" && $0["status"] == "True" }
  }

  private static func mark(_ folder: String, _ name: String) {
    _ = FileManager.default.createFile(atPath: "\(folder)/\(name)", contents: nil)
  }

  /// The commands run in the container's environment, and each decides what it is there for.
  @Test func probesAndPreStopAreCommandsToo() async throws {
    try await withNode { client, folder in
      func command(_ script: String) -> JSONValue { ["exec": ["command": ["sh", "-c", .string(script)]]] }
      var readiness = command("test -e $PLACE/ready")
      readiness["periodSeconds"] = 1
      // Fails once for each time that the file is made.
      var liveness = command("! rm $PLACE/ill 2>/dev/null")
      liveness["periodSeconds"] = 1
      liveness["failureThreshold"] = 1
      _ = try await client.create(
        Self.pod(
          "e",
          [
            "terminationGracePeriodSeconds": 10,
            "containers": [
              [
                "name": "c", "image": "busybox", "env": [["name": "PLACE", "value": .string(folder)]],
                "command": ["sh", "-c", "trap 'exit 0' TERM; while true; do sleep 0.05; done"],
                "readinessProbe": readiness, "livenessProbe": liveness,
                "lifecycle": ["preStop": command("echo bye >> $PLACE/stopped")],
              ]
            ],
          ]), .pod)
      func status(_ pod: KubernetesObject) -> JSONValue? { pod["status", "containerStatuses"]?[0] }
      let started = try #require(try await waited(client, "e") { status($0)?[path: "state", "running"] != nil })
      #expect(!Self.isReady(started))
      Self.mark(folder, "ready")
      _ = try #require(try await waited(client, "e", until: Self.isReady))
      #expect(FileManager.default.contents(atPath: folder + "/stopped") == nil)

      Self.mark(folder, "ill")
      let restarted = try #require(try await waited(client, "e") { status($0)?["restartCount"] == 1 })
      #expect(status(restarted)?[path: "lastState", "terminated"] != nil)
      _ = try #require(
        try await waited(client, "e") { Self.isReady($0) && status($0)?[path: "state", "running"] != nil })
      try await client.delete(.pod, namespace: "default", name: "e")
      #expect(try await waited(client, "e") { _ in false } == nil)
      // Once before the restart, and once before the end.
      #expect(FileManager.default.contents(atPath: folder + "/stopped") == Data("bye\nbye\n".utf8))
    }
  }
}
