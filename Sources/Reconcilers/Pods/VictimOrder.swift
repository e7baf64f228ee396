import FoundationEssentials

/// What a pod has to do, as its coordinator says.
package struct PodLoadReport: Sendable, Hashable, Decodable {
  package var sessions: Int?
  package var busy: Int?

  package init(sessions: Int?, busy: Int?) {
    self.sessions = sessions
    self.busy = busy
  }
}

/// Which pods go first when some have to go.
///
/// The order is that of ReplicaSets (no node yet, then pending, then not ready, then the youngest), with the sessions
/// that a pod holds before its age. Without an answer from the coordinator all pods count as equally busy.
package struct VictimOrder: Sendable {
  package var load: [String: PodLoadReport]
  /// Pods of another revision go before equal ones of this one.
  package var revision: String

  package init(load: [String: PodLoadReport], revision: String) {
    self.load = load
    self.revision = revision
  }

  package func sorted(_ pods: [ExecutorPod]) -> [ExecutorPod] {
    pods.sorted(by: goesBefore)
  }

  package func goesBefore(_ one: ExecutorPod, _ other: ExecutorPod) -> Bool {
    let (first, second) = (rank(one), rank(other))
    if first != second { return first.lexicographicallyPrecedes(second) }
    return one.name < other.name
  }

  /// Smaller goes first.
  private func rank(_ pod: ExecutorPod) -> [Double] {
    let known = load[pod.name]
    return [
      pod.isScheduled ? 1 : 0,
      pod.phase == .pending ? 0 : pod.phase == .unknown ? 1 : 2,
      pod.isReady ? 1 : 0,
      Double(known?.sessions ?? 0),
      Double(known?.busy ?? 0),
      pod.revision == revision ? 1 : 0,
      -(pod.readySince?.timeIntervalSince1970 ?? 0),
      -Double(pod.restarts),
      -pod.createdAt.timeIntervalSince1970,
    ]
  }
}
