import ControllerRuntime
import FoundationEssentials
import KubernetesAPI
package import KubernetesClient
package import Logging
import ServiceLifecycle
import Synchronization

/// Does what the node controllers of Kubernetes do, where none run: notices nodes whose heartbeats stop, taints nodes by
/// their conditions, takes pods away that do not tolerate that, and removes those of nodes that were deleted.
package final class NodeLifecycle: Service {
  private let client: KubernetesClient
  private let logger: Logger
  private let evictions: TaintEvictions
  private let health = Mutex<[String: NodeHealth]>([:])
  private let begun = ContinuousClock.now
  private let nodes = ResourceStore()
  private let pods = ResourceStore()
  private let leases = ResourceStore()

  package init(client: KubernetesClient, logger: Logger) {
    self.client = client
    self.logger = logger
    let events = EventRecorder(
      client: client, controller: "pheromone.dev/node-lifecycle", instance: "local", logger: logger)
    evictions = TaintEvictions(client: client, events: events, logger: logger)
  }

  private var now: Duration { ContinuousClock.now - begun }

  /// Returns on graceful shutdown.
  package func run() async throws {
    let reflectors = [
      Reflector(client: client, type: .node, store: nodes, logger: logger),
      Reflector(client: client, type: .pod, store: pods, logger: logger),
      Reflector(client: client, type: .lease, namespace: "kube-node-lease", store: leases, logger: logger),
    ]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for reflector in reflectors { group.addTask { try await reflector.run() } }
      group.addTask { await self.evictions.run() }
      group.addTask { await self.watchNodes() }
      group.addTask {
        for await change in self.leases.changes().cancelOnGracefulShutdown() {
          guard let lease = change.new else { continue }
          self.health.withLock { [now = self.now] in
            $0[change.key.name, default: NodeHealth(now: now)].leaseSeen(lease, now: now)
          }
        }
      }
      group.addTask {
        for await change in self.pods.changes().cancelOnGracefulShutdown() { self.evictions.podChanged(change) }
      }
      try await group.waitForAll()
    }
  }

  private func watchNodes() async {
    await withDiscardingTaskGroup { group in
      for await change in nodes.changes().cancelOnGracefulShutdown() {
        let name = change.key.name
        evictions.nodeChanged(name, change.new)
        guard let node = change.new else {
          health.withLock { $0[name] = nil }
          await removePods(ofDeleted: name)
          continue
        }
        let isNew = health.withLock { [now] health in
          defer { if health[name] == nil { health[name] = NodeHealth(now: now) } }
          return change.old == nil
        }
        if isNew { group.addTask { await self.keepEye(on: name) } }
        await taint(node)
      }
      group.cancelAll()
    }
  }

  /// As long as the node exists: marks it, and again after it was back, whenever its Lease is over.
  private func keepEye(on name: String) async {
    while !Task.isCancelled, let deadline = health.withLock({ $0[name]?.deadline }) {
      if deadline > now {
        try? await Task.sleep(for: deadline - now)
        continue
      }
      await markLost(name)
      // What comes next is a renewal, or nothing.
      try? await Task.sleep(for: .seconds(1))
    }
  }

  private func markLost(_ name: String) async {
    let time = Date().formatted(.iso8601)
    guard let node = nodes.get(ObjectKey(namespace: nil, name: name)),
      let conditions = NodeHealth.conditionsOfLost(node, at: time)
    else { return }
    logger.warning("a node stopped renewing its lease", metadata: ["node": .string(name)])
    await attempt("mark the node as lost") {
      _ = try await client.patch(
        .node, name: name, subresource: "status", strategic: ["status": ["conditions": conditions]])
    }
    let unready: JSONValue = [["type": "Ready", "status": "False", "lastTransitionTime": .string(time)]]
    for pod in pods.list() where pod["spec", "nodeName"]?.stringValue == name {
      await attempt("mark a lost node's pod as not ready") {
        _ = try await client.patch(
          .pod, namespace: pod.namespace, name: pod.name, subresource: "status",
          strategic: ["metadata": ["uid": .string(pod.uid)], "status": ["conditions": unready]])
      }
    }
  }

  private func taint(_ node: KubernetesObject) async {
    guard let taints = NodeHealth.taints(of: node, at: Date().formatted(.iso8601)) else { return }
    await attempt("taint a node") {
      // The version guards the taints that somebody else may just be writing; a conflict comes back as a change.
      _ = try await client.patch(
        .node, name: node.name,
        merge: [
          "metadata": ["resourceVersion": .string(node.resourceVersion)],
          "spec": ["taints": taints.isEmpty ? .null : .array(taints)],
        ])
    }
  }

  /// Nobody else will ever end them.
  private func removePods(ofDeleted node: String) async {
    for pod in pods.list() where pod["spec", "nodeName"]?.stringValue == node {
      await attempt("remove a pod without a node") {
        try await client.delete(
          .pod, namespace: pod.namespace, name: pod.name, options: DeleteOptions(gracePeriodSeconds: 0, uid: pod.uid))
      }
    }
  }

  private func attempt(_ what: String, _ action: () async throws -> Void) async {
    do {
      try await action()
    } catch let error as KubernetesError where error.isNotFound || error.isConflict {
    } catch {
      logger.warning("cannot \(what)", metadata: ["error": "\(error)"])
    }
  }
}
