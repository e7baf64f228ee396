import Dataflow

extension PlacementStateMachine {
  /// Sees to it that a workflow whose triggers gather objects across sessions has one owner, and keeps it.
  ///
  /// What is gathered lies on the owner, so another pod takes over only when the owner drains, has lost its link or is
  /// gone; one that is not ready for a while stays. A new owner begins with nothing gathered.
  mutating func settleOwner(_ now: Moment) {
    guard rules?.hasOwner == true else {
      owner = nil
      return
    }
    if let owner, let pod = pods[owner], !pod.isDraining, observed[owner]?.uid == pod.uid { return }
    owner = nil
    // After a start of the coordinator one of the pods may be the owner already: it is the one that holds sessions.
    guard !isGathering(now) else { return }
    owner = pods.values.filter(isPlaceable).min { isBetterOwner($0, than: $1) }?.name
  }

  /// A pod of the revision that stays comes first, so that a rollout moves what is gathered once and not with every pod.
  private func isBetterOwner(_ one: RegisteredPod, than other: RegisteredPod) -> Bool {
    func order(_ pod: RegisteredPod) -> (Int, Int, String, String) {
      (
        pod.active.isEmpty ? 1 : 0, pod.revision == currentRevision ? 0 : 1, observed[pod.name]?.createdAt ?? "",
        pod.name
      )
    }
    return order(one) < order(other)
  }
}
