package import KubernetesAPI

/// What is known of a node's life from its heartbeats, and what follows for its conditions and taints.
///
/// A node says itself how long its Lease counts. The clock here is that of whoever watches: it runs from when a renewal
/// was seen, not from when it was written.
package struct NodeHealth: Sendable, Hashable {
  /// What counts for a node that never wrote a Lease.
  package static let defaultLease = Duration.seconds(40)

  private var renewal: String?
  private var lease = defaultLease
  private var seenAt: Duration

  package init(now: Duration) { seenAt = now }

  /// The node's Lease is there, or has changed.
  package mutating func leaseSeen(_ object: KubernetesObject, now: Duration) {
    let renewed = object["spec", "renewTime"]?.stringValue
    lease = object["spec", "leaseDurationSeconds"]?.intValue.map { .seconds(max(1, $0)) } ?? Self.defaultLease
    guard renewed != renewal else { return }
    renewal = renewed
    seenAt = now
  }

  /// When the node counts as lost unless it is heard of before.
  package var deadline: Duration { seenAt + lease }

  /// The conditions that replace those of a node that is lost; nil if nothing has to change.
  package static func conditionsOfLost(_ node: KubernetesObject, at time: String) -> JSONValue? {
    let conditions = node["status", "conditions"]?.arrayValue ?? []
    let ready = conditions.first { $0["type"] == "Ready" }
    guard ready?["status"] != "Unknown" else { return nil }
    return [
      [
        "type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown",
        "message": "Kubelet stopped posting node status.", "lastTransitionTime": .string(time),
      ]
    ]
  }

  /// The taints that a node is to have: those of others stay, and its conditions decide about its own.
  /// Nil if they are right.
  package static func taints(of node: KubernetesObject, at time: String) -> [JSONValue]? {
    let old = node["spec", "taints"]?.arrayValue ?? []
    var wanted: [(key: String, effect: String)] = []
    let ready = (node["status", "conditions"]?.arrayValue ?? []).first { $0["type"] == "Ready" }?["status"]
    switch ready?.stringValue {
    case "True": break
    case "Unknown":
      wanted = [(unreachable, "NoSchedule"), (unreachable, "NoExecute")]
    // A node that has not said anything yet takes no pods; there are none that would have to go.
    case nil: wanted = [(notReady, "NoSchedule")]
    default: wanted = [(notReady, "NoSchedule"), (notReady, "NoExecute")]
    }
    if node["spec", "unschedulable"]?.boolValue == true { wanted.append((unschedulable, "NoSchedule")) }
    func isWanted(_ taint: JSONValue) -> Bool {
      wanted.contains { taint["key"]?.stringValue == $0.key && taint["effect"]?.stringValue == $0.effect }
    }
    let kept = old.filter { ![notReady, unreachable, unschedulable].contains($0["key"]?.stringValue) || isWanted($0) }
    let missing = wanted.filter { new in
      !old.contains { $0["key"]?.stringValue == new.key && $0["effect"]?.stringValue == new.effect }
    }
    guard kept.count != old.count || !missing.isEmpty else { return nil }
    return kept
      + missing.map { ["key": .string($0.key), "effect": .string($0.effect), "timeAdded": .string(time)] }
  }

  private static let notReady = "node.kubernetes.io/not-ready"
  private static let unreachable = "node.kubernetes.io/unreachable"
  private static let unschedulable = "node.kubernetes.io/unschedulable"
}
