package import KubernetesAPI

/// Decides which node a pod belongs on that has none yet.
package enum PodPlacement {
  package enum Decision: Sendable, Hashable {
    case bind(node: String)
    /// It belongs to another scheduler, has a node, is held by a gate, or is over.
    case leave
    case unschedulable(String)
  }

  /// A node as far as placement looks at it.
  package struct Candidate: Sendable, Hashable {
    package var name: String
    package var labels: [String: String] = [:]
    package var restrictions = NodeRestrictions()
    /// How many pods it takes.
    package var podLimit = 110

    package init(name: String) { self.name = name }

    package init(_ node: KubernetesObject) {
      name = node.name
      labels = node.labels
      restrictions = NodeRestrictions(node)
      let limit = node["status", "allocatable"]?["pods"]
      podLimit = limit?.intValue ?? limit?.stringValue.flatMap { Int($0) } ?? 0
    }

    /// Why not this one; nil if it will do.
    fileprivate func problem(for pod: KubernetesObject, pods: Int) -> String? {
      if let problem = restrictions.problem(for: pod) { return problem }
      let selector = (pod["spec", "nodeSelector"]?.objectValue ?? [:]).compactMapValues(\.stringValue)
      if !selector.allSatisfy({ labels[$0.key] == $0.value }) {
        return "node(s) didn't match Pod's node affinity/selector"
      }
      return pods < podLimit ? nil : "Too many pods"
    }
  }

  /// `pods` counts those that are bound to each node and not over. Of the nodes that will do, the one with the fewest
  /// pods is taken, and one with taints that a pod should rather avoid only if there is no other.
  package static func decide(
    _ pod: KubernetesObject, among nodes: [Candidate], pods: [String: Int] = [:]
  ) -> Decision {
    guard pod["spec", "nodeName"]?.stringValue ?? "" == "", !pod.isBeingDeleted,
      pod["spec", "schedulerName"]?.stringValue ?? "default-scheduler" == "default-scheduler",
      (pod["spec", "schedulingGates"]?.arrayValue ?? []).isEmpty,
      !["Succeeded", "Failed"].contains(pod["status", "phase"]?.stringValue ?? "")
    else { return .leave }
    guard !nodes.isEmpty else { return .unschedulable("no nodes available to schedule pods") }
    var problems: [String: Int] = [:]
    var fitting: [(aversions: Int, pods: Int, name: String)] = []
    for node in nodes {
      let count = pods[node.name] ?? 0
      if let problem = node.problem(for: pod, pods: count) {
        problems[problem, default: 0] += 1
      } else {
        fitting.append((node.restrictions.aversions(to: pod), count, node.name))
      }
    }
    if let best = fitting.min(by: <) { return .bind(node: best.name) }
    let reasons = problems.map { "\($0.value) \($0.key)" }.sorted().joined(separator: ", ")
    return .unschedulable("0/\(nodes.count) nodes are available: \(reasons).")
  }
}
