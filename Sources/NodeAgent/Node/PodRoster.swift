import ControllerRuntime
import FoundationEssentials
import Glibc
import KubernetesAPI
import KubernetesClient
import Logging
import Synchronization

/// The pods of this node: starts a runner for each and tells it of deletions.
final class PodRoster: Sendable {
  private struct State {
    var runners: [String: PodRunner] = [:]  // by uid
    var addresses: PodAddressAllocator
  }

  private let configuration: NodeAgent.Configuration
  private let context: PodRunner.Context
  private let state: Mutex<State>

  init(configuration: NodeAgent.Configuration, context: PodRunner.Context) {
    self.configuration = configuration
    self.context = context
    state = Mutex(
      State(
        addresses: PodAddressAllocator(network: configuration.addressNetwork, block: configuration.addressBlock)))
  }

  /// Until the changes end; then says so, stops all pods and waits for them, no longer than the grace.
  func run(
    _ changes: some AsyncSequence<StoreChange, Never> & Sendable, ending: @Sendable () async -> Void
  ) async {
    await withDiscardingTaskGroup { group in
      for await change in changes { take(change, &group) }
      await ending()
      let runners = state.withLock { Array($0.runners.values) }
      context.logger.info("stopping pods", metadata: ["pods": "\(runners.count)"])
      for runner in runners {
        runner.tell(.nodeShutdownBegan(grace: min(runner.pod.spec.gracePeriod, configuration.stopGrace)))
      }
      let limit = configuration.stopGrace + PodStateMachine.lastWord + .seconds(3)
      let deadline = ContinuousClock.now + limit
      while ContinuousClock.now < deadline, !state.withLock({ $0.runners.isEmpty }) {
        try? await Task.sleep(for: .milliseconds(50))
      }
      group.cancelAll()
    }
  }

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

  private func take(_ change: StoreChange, _ group: inout DiscardingTaskGroup) {
    if let old = change.old, old.uid != change.new?.uid {
      // Removed by force, or replaced: nobody waits for its grace any more.
      state.withLock { $0.runners[old.uid] }?.tell(.deletionRequested(grace: .zero))
    }
    guard let pod = change.new, pod["spec", "nodeName"]?.stringValue == configuration.node.name else { return }
    adopt(pod, &group)
  }

  private func adopt(_ pod: KubernetesObject, _ group: inout DiscardingTaskGroup) {
    if let known = state.withLock({ $0.runners[pod.uid] }) {
      if pod.isBeingDeleted { known.tell(.deletionRequested(grace: Self.grace(of: pod))) }
      known.seen(pod)
      return
    }
    if ["Succeeded", "Failed"].contains(pod["status", "phase"]?.stringValue ?? ""), !pod.isBeingDeleted { return }
    do {
      let address = try address(for: pod)
      let runner = try PodRunner(pod, address: address, backOff: configuration.backOff, context: context)
      state.withLock { $0.runners[pod.uid] = runner }
      if pod.isBeingDeleted { runner.tell(.deletionRequested(grace: Self.grace(of: pod))) }
      group.addTask { [self] in
        await runner.run()
        state.withLock { state in
          state.runners[pod.uid] = nil
          state.addresses.release(address)
        }
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

  private static func grace(of pod: KubernetesObject) -> Duration {
    .seconds(max(0, pod["metadata", "deletionGracePeriodSeconds"]?.intValue ?? 30))
  }
}
