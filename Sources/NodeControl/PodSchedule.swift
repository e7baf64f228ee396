package import ControllerRuntime
package import KubernetesAPI

/// Which pods are where and which wait: facts from the watches in, bindings out.
package struct PodSchedule: Sendable {
  package enum Action: Sendable, Hashable {
    case bind(KubernetesObject, node: String)
    /// Said once for each reason that it waits for.
    case reportUnschedulable(KubernetesObject, String)
  }

  private struct Waiting: Sendable {
    var pod: KubernetesObject
    var said: String?
  }

  private var nodes: [String: PodPlacement.Candidate] = [:]
  private var waiting: [ObjectKey: Waiting] = [:]
  /// Whether all nodes have been read; nothing is decided before.
  private var isReady = false
  /// Of each pod that counts on a node, by uid. A pod whose binding is under way counts already.
  private var places: [String: String] = [:]
  private var counts: [String: Int] = [:]

  package init() {}

  /// All nodes that exist have been told of.
  package mutating func nodesKnown() -> [Action] {
    isReady = true
    return decideWaiting()
  }

  package mutating func nodeChanged(_ change: StoreChange) -> [Action] {
    let candidate = change.new.map { PodPlacement.Candidate($0) }
    guard nodes[change.key.name] != candidate else { return [] }
    nodes[change.key.name] = candidate
    return decideWaiting()
  }

  package mutating func podChanged(_ change: StoreChange) -> [Action] {
    var hasRoom = false
    if let old = change.old, old.uid != change.new?.uid { hasRoom = leave(old.uid) }
    guard let pod = change.new else {
      waiting[change.key] = nil
      return hasRoom ? decideWaiting() : []
    }
    let node = pod["spec", "nodeName"]?.stringValue ?? ""
    if ["Succeeded", "Failed"].contains(pod["status", "phase"]?.stringValue ?? "") {
      waiting[pod.key] = nil
      return leave(pod.uid) || hasRoom ? decideWaiting() : []
    }
    if !node.isEmpty {
      waiting[pod.key] = nil
      settle(pod.uid, on: node)
      return hasRoom ? decideWaiting() : []
    }
    // Of a pod whose binding is under way the watch may still tell something older.
    guard places[pod.uid] == nil else { return [] }
    waiting[pod.key] = Waiting(pod: pod, said: waiting[pod.key].flatMap { $0.pod.uid == pod.uid ? $0.said : nil })
    return isReady ? decide(pod.key).map { [$0] } ?? [] : []
  }

  /// A binding failed: `isOver` if the pod is gone or has another node, which the watch tells; else it waits again.
  package mutating func bindingFailed(_ pod: KubernetesObject, isOver: Bool) {
    _ = leave(pod.uid)
    if !isOver { waiting[pod.key] = Waiting(pod: pod) }
  }

  private mutating func decideWaiting() -> [Action] {
    guard isReady else { return [] }
    let oldestFirst = waiting.values.map(\.pod).sorted {
      ($0["metadata", "creationTimestamp"]?.stringValue ?? "", $0.key.description)
        < ($1["metadata", "creationTimestamp"]?.stringValue ?? "", $1.key.description)
    }
    return oldestFirst.compactMap { decide($0.key) }
  }

  private mutating func decide(_ key: ObjectKey) -> Action? {
    guard let entry = waiting[key] else { return nil }
    switch PodPlacement.decide(entry.pod, among: Array(nodes.values), pods: counts) {
    case .leave:
      waiting[key] = nil
      return nil
    case .bind(let node):
      waiting[key] = nil
      settle(entry.pod.uid, on: node)
      return .bind(entry.pod, node: node)
    case .unschedulable(let why):
      guard entry.said != why else { return nil }
      waiting[key]?.said = why
      return .reportUnschedulable(entry.pod, why)
    }
  }

  private mutating func settle(_ uid: String, on node: String) {
    guard places[uid] != node else { return }
    _ = leave(uid)
    places[uid] = node
    counts[node, default: 0] += 1
  }

  /// True if there is more room somewhere.
  private mutating func leave(_ uid: String) -> Bool {
    guard let node = places.removeValue(forKey: uid) else { return false }
    counts[node, default: 1] -= 1
    return true
  }
}
