package import FoundationEssentials

/// Decides which pods are created, adopted and deleted. Pure: the pods as they are, what is wanted and the time go in,
/// one step towards it comes out. Repeating it until nothing is left to do ends in the wanted state from any other.
package struct PodPlanner: Sendable {
  package var desired: Int
  package var revision: String
  package var strategy: RolloutStrategy
  package var minReadySeconds: Int
  /// Whether pods of another revision are replaced.
  package var mayRoll: Bool
  /// Why no pod may be created at present; nil if it may.
  package var creationBlock: CreationBlock?
  package var load: [String: PodLoadReport]

  package enum CreationBlock: Sendable, Hashable {
    /// The workflow has never been accepted, or its template is refused.
    case notAccepted
    case backingOff(TimeInterval)
  }

  package init(
    desired: Int, revision: String, strategy: RolloutStrategy = RolloutStrategy(), minReadySeconds: Int = 0,
    mayRoll: Bool = true, creationBlock: CreationBlock? = nil, load: [String: PodLoadReport] = [:]
  ) {
    self.desired = desired
    self.revision = revision
    self.strategy = strategy
    self.minReadySeconds = minReadySeconds
    self.mayRoll = mayRoll
    self.creationBlock = creationBlock
    self.load = load
  }

  package func plan(_ pods: [ExecutorPod], now: Date) -> PodPlan {
    var plan = PodPlan()
    plan.adoptions = pods.filter { $0.ownership == .orphan && $0.isActive }
    plan.removals = pods.filter(\.hasEndedByItself)
      .map { PodPlan.Removal(pod: $0, reason: .ended) }

    let active = pods.filter(\.isActive)
    let outdated = active.filter { $0.revision != revision }
    plan.counts = PodCounts(
      active: active.count, ready: active.count(where: \.isReady), updated: active.count - outdated.count,
      available: active.count { isAvailable($0, now) })

    if outdated.isEmpty || !mayRoll {
      scale(active, into: &plan)
    } else {
      roll(active, outdated, now, into: &plan)
    }
    if let creationBlock {
      plan.blockedCreations = plan.creations
      plan.creations = 0
      if case .backingOff(let wait) = creationBlock, plan.blockedCreations > 0 { plan.look(again: wait) }
    }
    // A pod becomes available by the mere passing of time.
    for pod in active where pod.isReady && !isAvailable(pod, now) {
      guard let since = pod.readySince else { continue }
      plan.look(again: since.addingTimeInterval(Double(minReadySeconds)).timeIntervalSince(now))
    }
    return plan
  }

  // MARK: - Steps

  /// As many pods as are wanted, whatever their revision.
  private func scale(_ active: [ExecutorPod], into plan: inout PodPlan) {
    plan.creations = max(desired - active.count, 0)
    plan.remove(victims(active.count - desired, among: active), reason: .scaledDown)
  }

  /// One step of a rollout: create up to the surge, remove down to what has to stay available.
  private func roll(_ active: [ExecutorPod], _ outdated: [ExecutorPod], _ now: Date, into plan: inout PodPlan) {
    let (surge, unavailable) = strategy.resolved(replicas: desired)
    let updated = active.filter { $0.revision == revision }
    plan.isRolling = true

    let room = desired == 0 ? 0 : desired + surge - active.count
    plan.creations = max(min(desired - updated.count, room), 0)
    plan.remove(victims(updated.count - desired, among: updated), reason: .scaledDown)

    let leastAvailable = desired - unavailable
    // What is not available cannot be missed, except that new pods on their way are counted on.
    let newUnavailable = updated.count { !isAvailable($0, now) }
    let broken = outdated.filter { !isAvailable($0, now) }
    let idle = max(active.count - leastAvailable - newUnavailable, 0)
    plan.remove(victims(min(idle, broken.count), among: broken), reason: .replaced)

    let available = active.count { isAvailable($0, now) }
    let healthy = outdated.filter { isAvailable($0, now) }
    plan.remove(victims(min(available - leastAvailable, healthy.count), among: healthy), reason: .replaced)
  }

  private func victims(_ count: Int, among pods: [ExecutorPod]) -> [ExecutorPod] {
    guard count > 0 else { return [] }
    return Array(VictimOrder(load: load, revision: revision).sorted(pods).prefix(count))
  }

  private func isAvailable(_ pod: ExecutorPod, _ now: Date) -> Bool {
    pod.isAvailable(minReadySeconds: minReadySeconds, now: now)
  }
}
