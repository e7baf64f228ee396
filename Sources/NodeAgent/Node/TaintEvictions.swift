import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import Logging
import ServiceLifecycle
import Synchronization

/// Takes pods away that do not tolerate a `NoExecute` taint of the node, each when its stay is over.
final class TaintEvictions: Sendable {
  private struct Guest {
    var pod: KubernetesObject
    var cameAt: ContinuousClock.Instant
    /// When it was taken away, so that it is not done twice.
    var isLeaving = false
  }

  private struct State {
    var restrictions = NodeRestrictions()
    var taintedAt = ContinuousClock.now
    var guests: [String: Guest] = [:]  // by uid
  }

  private let api: PodAPI
  private let logger: Logger
  private let state = Mutex(State())
  /// Something has changed, or a stay is over: look again.
  private let calls: AsyncStream<Void>
  private let caller: AsyncStream<Void>.Continuation

  init(api: PodAPI, logger: Logger) {
    self.api = api
    self.logger = logger
    (calls, caller) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  }

  /// The node is restricted in another way than before.
  func restricted(_ restrictions: NodeRestrictions) {
    state.withLock { state in
      if state.restrictions.taints != restrictions.taints { state.taintedAt = .now }
      state.restrictions = restrictions
    }
    caller.yield()
  }

  func podCame(_ pod: KubernetesObject) {
    let isNew = state.withLock { state in
      defer { state.guests[pod.uid, default: Guest(pod: pod, cameAt: .now)].pod = pod }
      guard let known = state.guests[pod.uid]?.pod else { return true }
      return known["spec", "tolerations"] != pod["spec", "tolerations"]
    }
    if isNew { caller.yield() }
  }

  func podLeft(_ uid: String) { state.withLock { $0.guests[uid] = nil } }

  /// Until the agent is to end.
  func run() async {
    await withDiscardingTaskGroup { group in
      var alarms: Set<ContinuousClock.Instant> = []
      for await _ in calls.cancelOnGracefulShutdown() {
        let now = ContinuousClock.now
        alarms = alarms.filter { $0 > now }
        for (pod, end) in ends() {
          if end <= now {
            group.addTask { [self] in await take(pod) }
          } else if alarms.insert(end).inserted {
            group.addTask { [caller] in
              try? await Task.sleep(until: end)
              caller.yield()
            }
          }
        }
      }
      group.cancelAll()
    }
  }

  /// When the stay of each pod is over that may not stay for ever.
  private func ends() -> [(pod: KubernetesObject, end: ContinuousClock.Instant)] {
    state.withLock { state in
      let (restrictions, taintedAt) = (state.restrictions, state.taintedAt)
      return state.guests.values.compactMap { guest in
        guard !guest.isLeaving, let stay = restrictions.stay(of: guest.pod) else { return nil }
        return (guest.pod, max(taintedAt, guest.cameAt) + stay)
      }
    }
  }

  private func take(_ pod: KubernetesObject) async {
    let isFirst = state.withLock { state in
      guard let guest = state.guests[pod.uid], !guest.isLeaving else { return false }
      state.guests[pod.uid]?.isLeaving = true
      return true
    }
    if !isFirst { return }
    do {
      try await api.evict(pod)
    } catch let error as KubernetesError where error.isNotFound || error.isConflict {
      podLeft(pod.uid)
    } catch {
      // Tried again when the node or the pod changes.
      state.withLock { $0.guests[pod.uid]?.isLeaving = false }
      logger.warning("cannot take away a pod", metadata: ["pod": "\(pod.key)", "error": "\(error)"])
    }
  }
}
