package import ControllerRuntime
package import KubernetesAPI

/// The stores that reflectors keep, and their indexes.
package struct StoreCache: ClusterCache {
  package let workflows = ResourceStore()
  package let buckets = ResourceStore(indexes: [
    "workflow": { bucket in
      guard let name = bucket["spec", "workflow"]?.stringValue else { return [] }
      return [ObjectKey(namespace: bucket.namespace, name: name).description]
    }
  ])
  package let pods = ResourceStore(
    indexes: ["workflow": { pod in ExecutorPodLabels.workflowKey(of: pod).map { [$0.description] } ?? [] }],
    transform: ExecutorPod.essentials)
  package let budgets = ResourceStore()

  package init() {}

  package func workflow(_ key: ObjectKey) -> KubernetesObject? { workflows.get(key) }
  package func bucket(_ key: ObjectKey) -> KubernetesObject? { buckets.get(key) }

  package func buckets(of workflow: ObjectKey) -> [KubernetesObject] {
    buckets.list(index: "workflow", value: workflow.description)
  }

  package func pods(of workflow: ObjectKey) -> [KubernetesObject] {
    pods.list(index: "workflow", value: workflow.description)
  }

  package func budget(of workflow: ObjectKey) -> KubernetesObject? {
    budgets.get(ObjectKey(namespace: workflow.namespace, name: DisruptionBudget.name(of: workflow.name)))
  }

  package func waitUntilSynced() async throws {
    for store in [workflows, buckets, pods, budgets] { try await store.waitUntilSynced() }
  }
}
