import FoundationEssentials
package import KubernetesAPI

/// The PodDisruptionBudget of a workflow: drains take one pod at a time, and pods that do not work are never in the way.
package enum DisruptionBudget {
  package static let type = ResourceType(
    group: "policy", version: "v1", kind: "PodDisruptionBudget", plural: "poddisruptionbudgets")

  /// It is applied again after this, in case somebody has deleted or changed it.
  static let interval: TimeInterval = 3600

  package static func document(for workflow: KubernetesObject) -> KubernetesObject {
    var budget = KubernetesObject(type, namespace: workflow.namespace, name: "pheromone-\(workflow.name)")
    budget["metadata", "labels"] = [
      ExecutorPodLabels.managedBy: "pheromone", ExecutorPodLabels.workflow: .string(workflow.name),
    ]
    budget["metadata", "ownerReferences"] = [PodComposer.ownerReference(to: workflow)]
    budget["spec"] = [
      "maxUnavailable": 1,
      "unhealthyPodEvictionPolicy": "AlwaysAllow",
      "selector": ["matchLabels": [ExecutorPodLabels.workflow: .string(workflow.name)]],
    ]
    return budget
  }
}
