package import KubernetesAPI

/// The labels by which executor pods are found and told apart.
package enum ExecutorPodLabels {
  package static let workflow = "pheromone.dev/workflow"
  package static let revision = "pheromone.dev/revision"
  package static let managedBy = "app.kubernetes.io/managed-by"

  package static func selector(workflow name: String) -> String { "\(workflow)=\(name)" }

  /// The workflow that a pod says it belongs to.
  package static func workflowKey(of pod: KubernetesObject) -> ObjectKey? {
    pod.labels[workflow].map { ObjectKey(namespace: pod.namespace, name: $0) }
  }
}
