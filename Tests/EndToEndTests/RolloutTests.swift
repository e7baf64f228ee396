import Foundation
import KubernetesAPI
import Testing

extension EndToEnd {
  /// Pods come and go, and sessions that take seconds run across it.
  @Suite struct RolloutTests {
    private static func deploy(
      _ namespace: TestNamespace, replicas: Int, _ settings: [String] = []
    ) async throws -> LongSessions {
      var manifest = WorkflowManifest.faults(settings: settings)
      (manifest.replicas, manifest.executors) = (replicas, 4)
      try await namespace.deploy(manifest)
      return try await LongSessions(namespace.name)
    }

    private static func patch(_ namespace: TestNamespace, _ spec: String) async throws {
      try await namespace.kubectl("patch", "workflow", "faults", "--type=merge", "--patch", "{\"spec\":\(spec)}")
    }

    private static let change =
      #"{"template":{"metadata":{"annotations":{"e2e.pheromone.dev/version":"2"}}}}"#

    @Test func `a paused rollout waits, and then keeps its bounds and the time until pods count`() async throws {
      try await TestNamespace.with("bounds") { namespace in
        let kubectl = namespace.kubectl
        let sessions = try await Self.deploy(
          namespace, replicas: 3,
          ["minReadySeconds: 2", "strategy: {rollingUpdate: {maxSurge: 2, maxUnavailable: 1}}", "paused: true"])
        let old = Set(try await kubectl.pods(of: "faults").map(\.uid))
        // Before that they do not count, and may be replaced at once.
        try await eventually("the first pods have been ready for two seconds") {
          let since = try await kubectl.pods(of: "faults").map {
            $0.plainCondition("Ready")?["lastTransitionTime"]?.stringValue.flatMap { try? Date($0, strategy: .iso8601) }
          }
          guard since.allSatisfy({ $0.map { Date().timeIntervalSince($0) >= 2 } ?? false }) else {
            throw NotYet("\(since)")
          }
          return ()
        }
        let watch = try PodWatch("faults", in: namespace.name)
        defer { watch.end() }
        try await sessions.outlive(6, seconds: 4) { _ in
          try await Self.patch(namespace, Self.change)
          let generation = try #require(try await kubectl.get("workflow", "faults")).generation
          try await eventually("the change is seen, and said to wait") {
            let workflow = try await kubectl.get("workflow", "faults")
            let message = workflow?.condition("Reconciling")?.message ?? workflow?.condition("Ready")?.message ?? ""
            guard workflow?["status", "observedGeneration"]?.intValue == generation,
              workflow?["status", "updatedReplicas"]?.intValue == 0
            else { throw NotYet(message) }
            return ()
          }
          #expect(Set(try await kubectl.pods(of: "faults").map(\.uid)) == old)
          try await Self.patch(namespace, #"{"paused":false}"#)
          try await eventually("three new ready pods and no old one", within: .seconds(90)) {
            let pods = try await kubectl.list("pods", selector: "pheromone.dev/workflow=faults")
            let status = try await kubectl.get("workflow", "faults")?["status"]
            guard pods.count == 3, old.isDisjoint(with: pods.map(\.uid)), status?["ready"] == "3/3" else {
              throw NotYet("\(pods.map(\.name)), \(status?["ready"]?.stringValue ?? "")")
            }
            return ()
          }
        }
        let counts = try watch.counts()
        // Until the first list is through the watch has not told of all pods.
        let told = counts.drop { $0.active < 3 }
        let outOfBounds = told.filter { $0.active > 5 || $0.ready < 2 }
        #expect(outOfBounds.isEmpty, "\(told)")
        let most = told.map(\.active).max() ?? 0
        #expect(most > 3, "it never used its surge: \(told)")
        let early = try Self.removalsBeforeReplacementsCount(watch.events(), seconds: 2, replicas: 3, unavailable: 1)
        #expect(early.isEmpty, "\(early)")
      }
    }

    /// At each first sight of a deletion: how many pods that stay have been ready for long enough, if too few.
    private static func removalsBeforeReplacementsCount(
      _ events: [PodWatch.Event], seconds: Double, replicas: Int, unavailable: Int
    ) throws -> [String] {
      var pods: [String: PodWatch.Event] = [:]
      var found: [String] = []
      for event in events {
        let isFirst = event.isDeleted && pods[event.uid]?.isDeleted == false
        pods[event.uid] = event.type == "DELETED" ? nil : event
        guard isFirst, let time = event.deletedAt else { continue }
        let available = pods.values.filter { pod in
          guard !pod.isDeleted, pod.isReady, let since = pod.readySince else { return false }
          return time.timeIntervalSince(since) >= seconds
        }
        if available.count < replicas - unavailable { found.append("\(event.name): \(available.map(\.name))") }
      }
      return found
    }

    @Test func `a deleted pod finishes its sessions`() async throws {
      try await TestNamespace.with("delete-pod") { namespace in
        let sessions = try await Self.deploy(namespace, replicas: 2)
        try await sessions.outlive(4, seconds: 4) { load in
          let victim = try #require(load.keys.sorted().first)
          try await namespace.kubectl("delete", "pod", victim, "--wait=false")
        }
      }
    }

    @Test func `scaling down takes the pod that holds no session`() async throws {
      try await TestNamespace.with("emptiest") { namespace in
        let kubectl = namespace.kubectl
        let sessions = try await Self.deploy(namespace, replicas: 2)
        try await sessions.outlive(1, seconds: 4) { load in
          let holder = try #require(load.first { $0.value == 1 }?.key)
          try await kubectl("scale", "workflow/faults", "--replicas=1")
          let left = try await eventually("one pod is left") {
            let pods = try await kubectl.pods(of: "faults")
            return pods.count == 1 ? pods[0] : nil
          }
          #expect(left.name == holder)
        }
      }
    }

    @Test func `a suspended workflow finishes what it has begun, takes nothing and keeps its pods`() async throws {
      try await TestNamespace.with("suspend") { namespace in
        let kubectl = namespace.kubectl
        let sessions = try await Self.deploy(namespace, replicas: 1)
        let pods = Set(try await kubectl.pods(of: "faults").map(\.uid))
        try await sessions.outlive(2, seconds: 4) { _ in
          try await Self.patch(namespace, #"{"suspend":true}"#)
          try await eventually("new requests are refused") {
            let answer = try await sessions.ingress.post("faults", in: namespace.name, body: Data("a".utf8))
            guard answer.status == 503, answer.problem?.contains("spec.suspend") == true else {
              throw NotYet("\(answer.status) \(answer.text)")
            }
            return ()
          }
        }
        #expect(Set(try await kubectl.pods(of: "faults").map(\.uid)) == pods)
        try await Self.patch(namespace, #"{"suspend":false}"#)
        try await eventually("requests are answered again") {
          let answer = try await sessions.ingress.post("faults", in: namespace.name, body: Data("a".utf8))
          guard answer.status == 200 else { throw NotYet("\(answer.status) \(answer.text)") }
          return ()
        }
      }
    }
  }
}
