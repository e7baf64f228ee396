import ControllerRuntime
import FoundationEssentials
import Glibc
import KubernetesAPI
import KubernetesClient
import Logging
import Synchronization

/// The pods of this node: starts a runner for each, tells it of deletions, and binds pods that wait for a node.
final class PodRoster: Sendable {
  private struct State {
    var runners: [String: PodRunner] = [:]  // by uid
    var addresses: PodAddressAllocator
    /// Pods that could not be placed, to be looked at again when one leaves.
    var waiting: [ObjectKey: KubernetesObject] = [:]
    /// Bound by this agent and not yet seen as such.
    var binding: Set<String> = []
    /// Nil until the node has been read; nothing is bound before.
    var restrictions: NodeRestrictions?
  }

  private let configuration: NodeAgent.Configuration
  private let context: PodRunner.Context
  private let client: KubernetesClient
  private let placement: PodPlacement
  private let state: Mutex<State>
  private let evictions: TaintEvictions

  init(configuration: NodeAgent.Configuration, context: PodRunner.Context, client: KubernetesClient) {
    self.configuration = configuration
    self.context = context
    self.client = client
    placement = PodPlacement(nodeLabels: configuration.node.labels, podLimit: configuration.node.capacity.pods)
    evictions = TaintEvictions(api: context.api, logger: context.logger)
    state = Mutex(State(addresses: PodAddressAllocator(network: configuration.addressNetwork)))
  }

  /// Until the changes end; then stops all pods and waits for them, no longer than the grace.
  func run(_ changes: some AsyncSequence<StoreChange, Never> & Sendable) async {
    await withDiscardingTaskGroup { group in
      for await change in changes { await take(change, &group) }
      let runners = state.withLock { Array($0.runners.values) }
      context.logger.info("stopping pods", metadata: ["pods": "\(runners.count)"])
      for runner in runners { runner.shutDown(grace: min(runner.pod.spec.gracePeriod, configuration.stopGrace)) }
      let limit = configuration.stopGrace + PodStateMachine.lastWord + .seconds(3)
      let deadline = ContinuousClock.now + limit
      while ContinuousClock.now < deadline, !state.withLock({ $0.runners.isEmpty }) {
        try? await Task.sleep(for: .milliseconds(50))
      }
      group.cancelAll()
    }
  }

  /// Until the changes of the node end: takes note of its being cordoned and of its taints.
  func obey(_ node: some AsyncSequence<StoreChange, Never> & Sendable) async {
    for await change in node {
      guard let node = change.new else { continue }
      let restrictions = NodeRestrictions(node)
      let isNew = state.withLock { state in
        defer { state.restrictions = restrictions }
        return state.restrictions != restrictions
      }
      if !isNew { continue }
      // Where a scheduler runs, so does the controller that executes taints.
      if configuration.bindsPods { evictions.restricted(restrictions) }
      await placeWaiting()
    }
  }

  /// Until the agent is to end.
  func evict() async { await evictions.run() }

  func log(_ namespace: String, _ pod: String, _ container: String, previous: Bool) throws -> ContainerLog {
    let key = ObjectKey(namespace: namespace, name: pod)
    guard let runner = state.withLock({ $0.runners.values.first { $0.pod.key == key } }) else {
      throw ProcessError("pod \"\(pod)\" in namespace \"\(namespace)\" does not run on this node")
    }
    guard let log = runner.log(of: container, previous: previous) else {
      throw ProcessError(
        previous
          ? "previous terminated container \"\(container)\" in pod \"\(pod)\" not found"
          : "container \"\(container)\" in pod \"\(pod)\" is waiting to start")
    }
    return log
  }

  private func take(_ change: StoreChange, _ group: inout DiscardingTaskGroup) async {
    if let old = change.old, old.uid != change.new?.uid {
      state.withLock { state in
        state.waiting[change.key] = nil
        state.binding.remove(old.uid)
        // Removed by force, or replaced: nobody waits for its grace any more.
        state.runners[old.uid]?.tell(.deletionRequested(grace: .zero))
      }
      evictions.podLeft(old.uid)
    }
    guard let pod = change.new else { return }
    let node = pod["spec", "nodeName"]?.stringValue ?? ""
    if node == configuration.node.name {
      adopt(pod, &group)
    } else if node.isEmpty, configuration.bindsPods {
      await place(pod)
    }
  }

  private func adopt(_ pod: KubernetesObject, _ group: inout DiscardingTaskGroup) {
    let known = state.withLock { state -> PodRunner? in
      state.waiting[pod.key] = nil
      state.binding.remove(pod.uid)
      return state.runners[pod.uid]
    }
    if pod.isBeingDeleted { evictions.podLeft(pod.uid) } else { evictions.podCame(pod) }
    if let known {
      if pod.isBeingDeleted { known.tell(.deletionRequested(grace: Self.grace(of: pod))) }
      return
    }
    if ["Succeeded", "Failed"].contains(pod["status", "phase"]?.stringValue ?? ""), !pod.isBeingDeleted { return }
    do {
      let address = try address(for: pod)
      let runner = try PodRunner(pod, address: address, backOff: configuration.backOff, context: context)
      state.withLock { $0.runners[pod.uid] = runner }
      if pod.isBeingDeleted { runner.tell(.deletionRequested(grace: Self.grace(of: pod))) }
      group.addTask { [self] in
        await context.api.record(
          .normal("Scheduled", "Assigned \(pod.key) to \(configuration.node.name)"), about: pod)
        await runner.run()
        state.withLock { state in
          state.runners[pod.uid] = nil
          state.addresses.release(address)
        }
        await placeWaiting()
      }
    } catch {
      context.logger.error("cannot run the pod", metadata: ["pod": "\(pod.key)", "error": "\(error)"])
      group.addTask { [self] in
        await context.api.record(.warning("Failed", "the node agent cannot run the pod: \(error)"), about: pod)
      }
    }
  }

  private func address(for pod: KubernetesObject) throws -> String {
    if pod["spec", "hostNetwork"]?.boolValue == true { return configuration.node.address }
    return try state.withLock { try $0.addresses.allocate() }
  }

  private func placeWaiting() async {
    for pod in state.withLock({ Array($0.waiting.values) }) { await place(pod) }
  }

  private func place(_ pod: KubernetesObject) async {
    let (occupied, restrictions) = state.withLock { state -> (Int, NodeRestrictions?) in
      if state.restrictions == nil { state.waiting[pod.key] = pod }
      return (state.runners.count + state.binding.count, state.restrictions)
    }
    guard let restrictions else { return }
    switch placement.decide(pod, podsOnNode: occupied, restrictions: restrictions) {
    case .leave: state.withLock { $0.waiting[pod.key] = nil }
    case .bind: await bind(pod)
    case .unschedulable(let why):
      let isNew = state.withLock { $0.waiting.updateValue(pod, forKey: pod.key)?.uid != pod.uid }
      if isNew { await reportUnschedulable(pod, why) }
    }
  }

  private func bind(_ pod: KubernetesObject) async {
    state.withLock { state in
      state.waiting[pod.key] = nil
      state.binding.insert(pod.uid)
    }
    let binding: JSONValue = [
      "apiVersion": "v1", "kind": "Binding",
      "metadata": [
        "name": .string(pod.name), "namespace": .string(pod.namespace ?? "default"), "uid": .string(pod.uid),
      ],
      "target": ["apiVersion": "v1", "kind": "Node", "name": .string(configuration.node.name)],
    ]
    do {
      let path = ResourceType.pod.path(namespace: pod.namespace ?? "default", name: pod.name, subresource: "binding")
      let response = try await client.send(
        .init(
          method: "POST", path: path, headers: [("Content-Type", "application/json")], body: binding.canonicalData()))
      if response.head.isSuccess { return }
      context.logger.warning(
        "the pod cannot be bound", metadata: ["pod": "\(pod.key)", "status": "\(response.status)"])
      state.withLock { state in
        state.binding.remove(pod.uid)
        // Taken by another scheduler, or gone: the watch tells. Anything else is tried again when a pod leaves.
        if response.status != 409, response.status != 404 { state.waiting[pod.key] = pod }
      }
    } catch {
      context.logger.warning("the pod cannot be bound", metadata: ["pod": "\(pod.key)", "error": "\(error)"])
      state.withLock { state in
        state.binding.remove(pod.uid)
        state.waiting[pod.key] = pod
      }
    }
  }

  private func reportUnschedulable(_ pod: KubernetesObject, _ why: String) async {
    let now = Moment(monotonic: .zero, wall: Date()).timestamp
    let condition: JSONValue = [
      "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": .string(why),
      "lastTransitionTime": .string(now),
    ]
    _ = try? await client.patch(
      .pod, namespace: pod.namespace, name: pod.name, subresource: "status",
      strategic: ["metadata": ["uid": .string(pod.uid)], "status": ["conditions": [condition]]])
    await context.api.record(.warning("FailedScheduling", why), about: pod)
  }

  private static func grace(of pod: KubernetesObject) -> Duration {
    .seconds(max(0, pod["metadata", "deletionGracePeriodSeconds"]?.intValue ?? 30))
  }
}
