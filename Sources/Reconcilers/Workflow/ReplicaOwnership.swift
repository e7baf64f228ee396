package import Dataflow
package import KubernetesAPI

/// Whether the next `kubectl apply` would undo what an autoscaler, or `kubectl scale`, has set.
///
/// `kubectl apply` remembers in an annotation what it has applied. If the manifest had `spec.replicas` and the number is
/// another one by now, somebody else sets it: the same manifest sets it back, and one from which the field was removed
/// deletes it, so that the default of the schema comes in its place. Server-side apply has neither fault, since whoever
/// sets another number takes the field over, and needs no warning.
package enum ReplicaOwnership {
  private static let annotation = "kubectl.kubernetes.io/last-applied-configuration"

  package static func warning(_ workflow: KubernetesObject) -> Finding? {
    guard let text = workflow.annotations[annotation], let applied = try? JSONValue(parsing: text),
      let before = applied[path: "spec", "replicas"]?.intValue, let now = workflow["spec", "replicas"]?.intValue,
      before != now
    else { return nil }
    return Finding(
      resource: "Workflow/\(workflow.name)", field: "spec.replicas",
      message: "kubectl apply has set it to \(before), and kubectl scale or an autoscaler to \(now) since: the next "
        + "kubectl apply sets it back, and one whose manifest lacks replicas sets it to 1",
      remedy: "where an autoscaler sets it, remove replicas with kubectl apply edit-last-applied "
        + "workflow/\(workflow.name) first, then from the manifest",
      severity: .warning)
  }
}
