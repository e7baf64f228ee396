import ControllerRuntime
import FoundationEssentials
import KubernetesAPI
package import KubernetesClient
package import Logging
import ServiceLifecycle
import Synchronization

/// Binds pods to nodes, where no other scheduler runs.
package final class PodScheduler: Service {
  private let client: KubernetesClient
  private let events: EventRecorder
  private let logger: Logger

  private let schedule = Mutex(PodSchedule())

  package init(client: KubernetesClient, logger: Logger) {
    self.client = client
    self.logger = logger
    events = EventRecorder(
      client: client, controller: "pheromone.dev/scheduler", instance: "local", logger: logger)
  }

  /// Returns on graceful shutdown.
  package func run() async throws {
    let (pods, nodes) = (ResourceStore(), ResourceStore())
    let podReflector = Reflector(client: client, type: .pod, store: pods, logger: logger)
    let nodeReflector = Reflector(client: client, type: .node, store: nodes, logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await podReflector.run() }
      group.addTask { try await nodeReflector.run() }
      group.addTask {
        try? await cancelWhenGracefulShutdown { try await nodes.waitUntilSynced() }
        await self.perform(
          self.schedule.withLock { schedule in
            for node in nodes.list() { _ = schedule.nodeChanged(StoreChange(key: node.key, old: nil, new: node)) }
            return schedule.nodesKnown()
          })
        for await change in nodes.changes().cancelOnGracefulShutdown() {
          await self.perform(self.schedule.withLock { $0.nodeChanged(change) })
        }
      }
      group.addTask {
        for await change in pods.changes().cancelOnGracefulShutdown() {
          await self.perform(self.schedule.withLock { $0.podChanged(change) })
        }
      }
      try await group.waitForAll()
    }
  }

  private func perform(_ actions: [PodSchedule.Action]) async {
    for action in actions {
      switch action {
      case .bind(let pod, let node): await bind(pod, to: node)
      case .reportUnschedulable(let pod, let why): await reportUnschedulable(pod, why)
      }
    }
  }

  private func bind(_ pod: KubernetesObject, to node: String) async {
    let namespace = pod.namespace ?? "default"
    let binding: JSONValue = [
      "apiVersion": "v1", "kind": "Binding",
      "metadata": ["name": .string(pod.name), "namespace": .string(namespace), "uid": .string(pod.uid)],
      "target": ["apiVersion": "v1", "kind": "Node", "name": .string(node)],
    ]
    do {
      let response = try await client.send(
        .init(
          method: "POST", path: ResourceType.pod.path(namespace: namespace, name: pod.name, subresource: "binding"),
          headers: [("Content-Type", "application/json")], body: binding.canonicalData()))
      guard response.head.isSuccess else {
        logger.warning("the pod cannot be bound", metadata: ["pod": "\(pod.key)", "status": "\(response.status)"])
        let isOver = response.status == 409 || response.status == 404
        schedule.withLock { $0.bindingFailed(pod, isOver: isOver) }
        return
      }
    } catch {
      logger.warning("the pod cannot be bound", metadata: ["pod": "\(pod.key)", "error": "\(error)"])
      schedule.withLock { $0.bindingFailed(pod, isOver: false) }
      return
    }
    await events.record(
      .normal, reason: "Scheduled", message: "Successfully assigned \(pod.key) to \(node)", regarding: pod,
      action: "Binding")
  }

  private func reportUnschedulable(_ pod: KubernetesObject, _ why: String) async {
    let condition: JSONValue = [
      "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": .string(why),
      "lastTransitionTime": .string(Date().formatted(.iso8601)),
    ]
    _ = try? await client.patch(
      .pod, namespace: pod.namespace, name: pod.name, subresource: "status",
      strategic: ["metadata": ["uid": .string(pod.uid)], "status": ["conditions": [condition]]])
    await events.record(
      .warning, reason: "FailedScheduling", message: why, regarding: pod, action: "Scheduling")
  }
}
