package import KubernetesAPI

/// Decides whether a pod that no node has yet belongs on this one.
package struct PodPlacement: Sendable, Hashable {
  package enum Decision: Sendable, Hashable {
    case bind
    /// It belongs to another scheduler, has a node, is held by a gate, or is over.
    case leave
    case unschedulable(String)
  }

  package var nodeLabels: [String: String]
  package var podLimit: Int

  package init(nodeLabels: [String: String], podLimit: Int) {
    self.nodeLabels = nodeLabels
    self.podLimit = podLimit
  }

  /// `podsOnNode` counts those that are bound to the node and not over.
  package func decide(
    _ pod: KubernetesObject, podsOnNode: Int, restrictions: NodeRestrictions = NodeRestrictions()
  ) -> Decision {
    guard pod["spec", "nodeName"]?.stringValue ?? "" == "", !pod.isBeingDeleted,
      pod["spec", "schedulerName"]?.stringValue ?? "default-scheduler" == "default-scheduler",
      (pod["spec", "schedulingGates"]?.arrayValue ?? []).isEmpty,
      !["Succeeded", "Failed"].contains(pod["status", "phase"]?.stringValue ?? "")
    else { return .leave }
    let selector = (pod["spec", "nodeSelector"]?.objectValue ?? [:]).compactMapValues(\.stringValue)
    if let missing = selector.sorted(by: { $0.key < $1.key }).first(where: { nodeLabels[$0.key] != $0.value }) {
      return .unschedulable(
        "0/1 nodes are available: 1 node(s) didn't match Pod's node selector (\(missing.key)=\(missing.value)).")
    }
    if let problem = restrictions.problem(for: pod) {
      return .unschedulable("0/1 nodes are available: \(problem).")
    }
    guard podsOnNode < podLimit else {
      return .unschedulable("0/1 nodes are available: 1 Too many pods (the node takes \(podLimit)).")
    }
    return .bind
  }
}
