package import KubernetesAPI

/// The PodDisruptionBudget of a workflow: drains take one pod at a time, and pods that do not work are never in the way.
package enum DisruptionBudget {
  package static let type = ResourceType(
    group: "policy", version: "v1", kind: "PodDisruptionBudget", plural: "poddisruptionbudgets")

  static func name(of workflow: String) -> String { "pheromone-\(workflow)" }

  package static func document(for workflow: KubernetesObject) -> KubernetesObject {
    var budget = KubernetesObject(type, namespace: workflow.namespace, name: name(of: workflow.name))
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

  /// Whether it says what `document` does, whatever else others have added.
  static func isRight(_ budget: KubernetesObject, for workflow: KubernetesObject) -> Bool {
    let wanted = document(for: workflow)
    let labels = wanted["metadata", "labels"]?.objectValue ?? [:]
    return budget["spec"] == wanted["spec"]
      && labels.allSatisfy { budget["metadata", "labels"]?[$0.key] == $0.value }
      && budget.controller?.uid == workflow.uid && !budget.isBeingDeleted
  }

  /// Whether nothing has changed between these two that the controller has written.
  static func isSame(_ old: KubernetesObject, _ new: KubernetesObject) -> Bool {
    old.uid == new.uid && old["spec"] == new["spec"] && old.isBeingDeleted == new.isBeingDeleted
      && ["labels", "ownerReferences"].allSatisfy { old["metadata", $0] == new["metadata", $0] }
  }

  /// The workflow whose budget this is.
  static func workflowKey(of budget: KubernetesObject) -> ObjectKey? {
    guard let key = ExecutorPodLabels.workflowKey(of: budget), budget.name == name(of: key.name) else { return nil }
    return key
  }
}
