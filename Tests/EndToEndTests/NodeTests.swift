import Foundation
import Glibc
import KubernetesAPI
import Testing

extension EndToEnd {
  /// What happens to nodes, on nodes of the test's own.
  @Suite(.enabled(if: TestEnvironment.ownsCluster, "runs nodes as processes of this machine"))
  struct NodeTests {
    /// Two nodes, and on the first one both pods of a workflow.
    private struct Site {
      let namespace: TestNamespace
      let first: NodeProcess
      let second: NodeProcess
      var kubectl: Kubectl { namespace.kubectl }

      static func with(_ purpose: String, lease: Int = 40, _ test: (Site) async throws -> Void) async throws {
        try await TestNamespace.with(purpose) { namespace in
          let group = namespace.name
          let first = try NodeProcess("\(group)-a", group: group, block: 14, lease: lease)
          let second = try NodeProcess("\(group)-b", group: group, block: 15, lease: lease)
          let site = Site(namespace: namespace, first: first, second: second)
          do {
            for node in [first, second] { try await node.ready() }
            try await Kubectl()("cordon", second.name)
            var manifest = WorkflowManifest.faults()
            (manifest.replicas, manifest.executors) = (2, 4)
            manifest.template = NodeProcess.template(group: group)
            try await namespace.deploy(manifest)
            try await Kubectl()("uncordon", second.name)
            try await test(site)
          } catch {
            print("node \(first.name):\n\(first.log)\nnode \(second.name):\n\(second.log)")
            try? await first.remove()
            try? await second.remove()
            throw error
          }
          // Its pods go with the workflow first: nobody ends those of a node that is not there.
          try await namespace.kubectl("delete", "workflows,buckets", "--all")
          for node in [first, second] { try await node.remove() }
        }
      }

      func pods(on node: NodeProcess) async throws -> [KubernetesObject] {
        try await kubectl.pods(of: "faults").filter { $0["spec", "nodeName"]?.stringValue == node.name }
      }

      /// Both pods run on the second node, and the workflow is ready.
      func moved() async throws {
        try await eventually("two ready pods on the second node", within: .seconds(90)) {
          let pods = try await kubectl.list("pods", selector: "pheromone.dev/workflow=faults")
          let ready = pods.filter {
            $0["spec", "nodeName"]?.stringValue == second.name && $0.plainCondition("Ready")?["status"] == "True"
          }
          guard ready.count == 2 else {
            throw NotYet("\(pods.map { "\($0.name) on \($0["spec", "nodeName"]?.stringValue ?? "none")" })")
          }
          return ()
        }
      }
    }

    @Test func `a drain takes one pod after the other, and no session with it`() async throws {
      try await Site.with("drain") { site in
        let sessions = try await LongSessions(site.namespace.name)
        try await sessions.outlive(4, seconds: 6) { load in
          #expect(load.count == 2 && load.values.allSatisfy { $0 > 0 }, "\(load)")
          let drained = try await Kubectl().outcome(
            "drain", site.first.name, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=90s", seconds: 100)
          #expect(drained.succeeded, "\(drained)")
          // The second one has to wait until the replacement of the first works.
          #expect(
            (drained.output + drained.errors).contains(
              "Cannot evict pod as it would violate the pod's disruption budget"),
            "\(drained)")
        }
        #expect(try await site.pods(on: site.first).isEmpty)
        try await site.moved()

        // A cordoned node says so to pods that nowhere else will do for; uncordoned, it takes them.
        try await Kubectl()("cordon", site.second.name)
        try await site.kubectl("scale", "workflow/faults", "--replicas=3")
        let waiting = try await eventually("a third pod that no node takes") {
          try await site.kubectl.pods(of: "faults").first {
            $0.plainCondition("PodScheduled")?["reason"] == "Unschedulable"
          }
        }
        let message = waiting.plainCondition("PodScheduled")?["message"]?.stringValue ?? ""
        #expect(message.contains("2 node(s) were unschedulable"), "\(message)")
        try await eventually("an event says so") {
          let events = try await site.kubectl("get", "events", "--field-selector", "reason=FailedScheduling")
          guard events.contains(waiting.name) else { throw NotYet(events) }
          return ()
        }
        try await Kubectl()("uncordon", site.first.name)
        try await site.kubectl.wait("pod/\(waiting.name)", for: "condition=Ready")
        #expect(try await site.pods(on: site.first).map(\.name) == [waiting.name])
      }
    }

    @Test func `a node that shuts down lets sessions finish, and says what became of its pods`() async throws {
      try await Site.with("shutdown") { site in
        let sessions = try await LongSessions(site.namespace.name)
        let watch = try PodWatch("faults", in: site.namespace.name)
        defer { watch.end() }
        try await sessions.outlive(4, seconds: 5) { _ in
          try site.first.signal(SIGTERM)
          try await eventually("the node is not ready, since it shuts down") {
            let ready = try await Kubectl().get("node", site.first.name)?.plainCondition("Ready")
            guard ready?["status"] == "False", ready?["message"] == "node is shutting down" else {
              throw NotYet("\(ready as Any)")
            }
            return ()
          }
        }
        try await site.moved()
        let ended = try watch.events().filter { $0.phase == "Failed" }
        #expect(Set(ended.map(\.uid)).count == 2)
        #expect(ended.allSatisfy { $0.reason == "Terminated" && $0.disruption == "TerminationByKubelet" }, "\(ended)")
      }
    }

    @Test func `a node that dies is noticed, and its pods are replaced elsewhere`() async throws {
      try await Site.with("lost", lease: 4) { site in
        let sessions = try await LongSessions(site.namespace.name)
        try await sessions.outlive(2, seconds: 12) { _ in
          try site.first.signal(SIGKILL)
          try await site.kubectl.wait("node/\(site.first.name)", for: "condition=Ready=Unknown")
          let node = try #require(try await Kubectl().get("node", site.first.name))
          #expect(node.plainCondition("Ready")?["reason"] == "NodeStatusUnknown")
          try await eventually("the node is tainted") {
            let taints = try await Kubectl().get("node", site.first.name)?["spec", "taints"]?.arrayValue ?? []
            guard
              taints.contains(where: { $0["key"] == "node.kubernetes.io/unreachable" && $0["effect"] == "NoExecute" })
            else { throw NotYet("\(taints)") }
            return ()
          }
          try await site.moved()
        }
        let left = try await site.kubectl.list("pods", selector: "pheromone.dev/workflow=faults")
          .filter { $0["spec", "nodeName"]?.stringValue == site.first.name }
        // Only the node itself could say that they are over.
        #expect(left.count == 2 && left.allSatisfy(\.isBeingDeleted))
        #expect(left.allSatisfy { $0.plainCondition("DisruptionTarget")?["reason"] == "DeletionByTaintManager" })
        try await Kubectl()("delete", "node", site.first.name)
        try await eventually("the node's pods are gone with it") {
          let pods = try await site.kubectl.list("pods", selector: "pheromone.dev/workflow=faults")
          guard pods.count == 2 else { throw NotYet("\(pods.map(\.name))") }
          return ()
        }
      }
    }
  }
}
