import ControllerRuntime
import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import Logging
import ServiceLifecycle
import Synchronization

/// Takes pods away that do not tolerate a `NoExecute` taint of their node, each when its stay is over.
final class TaintEvictions: Sendable {
  private struct Guest {
    var pod: KubernetesObject
    var node: String
    var cameAt: ContinuousClock.Instant
    /// When it was taken away, so that it is not done twice.
    var isLeaving = false
  }

  private struct Host {
    var restrictions: NodeRestrictions
    var taintedAt: ContinuousClock.Instant
  }

  private struct State {
    var hosts: [String: Host] = [:]
    var guests: [String: Guest] = [:]  // by uid
  }

  private let client: KubernetesClient
  private let events: EventRecorder
  private let logger: Logger
  private let state = Mutex(State())
  /// Something has changed, or a stay is over: look again.
  private let calls: AsyncStream<Void>
  private let caller: AsyncStream<Void>.Continuation

  init(client: KubernetesClient, events: EventRecorder, logger: Logger) {
    self.client = client
    self.events = events
    self.logger = logger
    (calls, caller) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  }

  func nodeChanged(_ name: String, _ node: KubernetesObject?) {
    let restrictions = node.map { NodeRestrictions($0) }
    let isNew = state.withLock { state in
      guard let restrictions else { return state.hosts.removeValue(forKey: name) != nil }
      guard let known = state.hosts[name], known.restrictions.taints == restrictions.taints else {
        state.hosts[name] = Host(restrictions: restrictions, taintedAt: .now)
        return true
      }
      return false
    }
    if isNew { caller.yield() }
  }

  func podChanged(_ change: StoreChange) {
    if let old = change.old, old.uid != change.new?.uid { podLeft(old.uid) }
    guard let pod = change.new else { return }
    let node = pod["spec", "nodeName"]?.stringValue ?? ""
    let isOver = ["Succeeded", "Failed"].contains(pod["status", "phase"]?.stringValue ?? "")
    guard !node.isEmpty, !pod.isBeingDeleted, !isOver else { return podLeft(pod.uid) }
    let isNew = state.withLock { state in
      let known = state.guests[pod.uid]?.pod
      state.guests[pod.uid, default: Guest(pod: pod, node: node, cameAt: .now)].pod = pod
      return known == nil || known?["spec", "tolerations"] != pod["spec", "tolerations"]
    }
    if isNew { caller.yield() }
  }

  private func podLeft(_ uid: String) { state.withLock { $0.guests[uid] = nil } }

  /// Returns on graceful shutdown.
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
      state.guests.values.compactMap { guest in
        guard !guest.isLeaving, let host = state.hosts[guest.node], let stay = host.restrictions.stay(of: guest.pod)
        else { return nil }
        return (guest.pod, max(host.taintedAt, guest.cameAt) + stay)
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
      try await evict(pod)
    } catch let error as KubernetesError where error.isNotFound || error.isConflict {
      podLeft(pod.uid)
    } catch {
      // Tried again when the node or the pod changes.
      state.withLock { $0.guests[pod.uid]?.isLeaving = false }
      logger.warning("cannot take away a pod", metadata: ["pod": "\(pod.key)", "error": "\(error)"])
    }
  }

  private func evict(_ pod: KubernetesObject) async throws {
    await events.record(
      .normal, reason: "TaintManagerEviction", message: "Marking for deletion Pod \(pod.key)", regarding: pod,
      action: "Evicting")
    let condition: JSONValue = [
      "type": "DisruptionTarget", "status": "True", "reason": "DeletionByTaintManager",
      "message": "Taint manager: deleting due to NoExecute taint",
      "lastTransitionTime": .string(Date().formatted(.iso8601)),
    ]
    _ = try await client.patch(
      .pod, namespace: pod.namespace, name: pod.name, subresource: "status",
      strategic: ["metadata": ["uid": .string(pod.uid)], "status": ["conditions": [condition]]])
    try await client.delete(.pod, namespace: pod.namespace, name: pod.name, options: DeleteOptions(uid: pod.uid))
  }
}
