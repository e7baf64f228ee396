package import FoundationEssentials
package import KubernetesAPI

/// What this process has done to the pods of one workflow and its cache may not show yet. Pure.
///
/// The cache is a former state of the API; without the ledger, a pod that was created a moment ago would be created
/// again and a deleted one would be counted on. Entries go when the cache shows what they say, or after 30 s.
package struct PodLedger: Sendable {
  private var created: [String: (pod: KubernetesObject, at: Date)] = [:]
  private var deleted: [String: Date] = [:]
  /// Names that belong to something that is not a pod of the workflow.
  private var occupied: [String: Date] = [:]

  package static let patience: TimeInterval = 30

  package init() {}

  package mutating func podCreated(_ pod: KubernetesObject, now: Date) {
    created[pod.name] = (pod, now)
  }

  package mutating func podDeleted(uid: String, now: Date) {
    deleted[uid] = now
    created = created.filter { $0.value.pod.uid != uid }
  }

  package mutating func nameOccupied(_ name: String, now: Date) {
    occupied[name] = now
  }

  /// The cache has shown this pod, be it that it is there or that it is gone.
  package mutating func podObserved(name: String, uid: String, isGone: Bool) {
    if created[name]?.pod.uid == uid { created[name] = nil }
    if isGone { deleted[uid] = nil }
  }

  /// The pods as they are, as far as this process knows.
  package mutating func reconciled(_ cached: [KubernetesObject], workflowUID: String, now: Date) -> [ExecutorPod] {
    let cachedUIDs = Set(cached.map(\.uid))
    created = created.filter { !cachedUIDs.contains($0.value.pod.uid) && isFresh($0.value.at, now) }
    deleted = deleted.filter { isFresh($0.value, now) }
    occupied = occupied.filter { isFresh($0.value, now) }
    return (cached + created.values.map(\.pod)).map { pod in
      var executor = ExecutorPod(pod, workflowUID: workflowUID, now: now)
      if deleted[pod.uid] != nil { executor.isTerminating = true }
      return executor
    }
  }

  package var occupiedNames: Set<String> { Set(occupied.keys) }

  private func isFresh(_ date: Date, _ now: Date) -> Bool { now.timeIntervalSince(date) < Self.patience }
}
