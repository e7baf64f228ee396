package import KubernetesAPI

/// What the node agent writes into a pod's `status`, without what only the node knows (addresses, start time).
package struct PodStatusReport: Sendable, Hashable {
  package var phase: String
  package var reason: String?
  package var message: String?
  package var conditions: [JSONValue]
  package var initContainerStatuses: [JSONValue]
  package var containerStatuses: [JSONValue]
}

struct ConditionTransition: Sendable, Hashable {
  var status: Bool
  var time: String
}

extension PodStateMachine {
  /// The status as of now. Transition times move only when a condition's status changes.
  mutating func statusReport(now: Moment) -> PodStatusReport {
    let initial = containers.filter { $0.role != .main }
    let main = containers.filter { $0.role == .main }
    return PodStatusReport(
      phase: phase, reason: endReason?.reason, message: endReason?.message,
      conditions: conditions(now: now), initContainerStatuses: initial.map { status(of: $0) },
      containerStatuses: main.map { status(of: $0) })
  }

  /// Why the pod ended or ends, if it was not by itself or by being deleted.
  private var endReason: (reason: String, message: String)? {
    switch stage.cause {
    case .deadlineExceeded: ("DeadlineExceeded", "Pod was active on the node longer than the specified deadline")
    case .nodeShutdown: ("Terminated", Self.shutdownMessage)
    case .completed, .deleted, nil: nil
    }
  }

  private static let shutdownMessage = "Pod was terminated in response to imminent node shutdown."

  package var phase: String {
    let main = containers.filter { $0.role == .main }
    if stage.cause == .deadlineExceeded || stage == .stopped(.nodeShutdown) { return "Failed" }
    if hasStopped {
      return isInitialized && main.allSatisfy(\.hasSucceeded) ? "Succeeded" : "Failed"
    }
    // A pod whose main containers are through is so although its sidecars are still being stopped.
    if stage == .stopping(.completed) {
      if !isInitialized { return "Pending" }
      return "Running"
    }
    let allBegan = main.allSatisfy { $0.lastTermination != nil || $0.running != nil }
    return isInitialized && allBegan ? "Running" : "Pending"
  }

  private mutating func conditions(now: Moment) -> [JSONValue] {
    let gating = containers.filter { $0.role != .initializer }
    let unready = gating.filter { !$0.isReady }.map(\.spec.name)
    let incomplete = containers.filter {
      $0.role == .initializer && !$0.hasSucceeded || $0.role == .sidecar && !$0.hasBeenUp
    }
    .map(\.spec.name)
    let isThrough = phase == "Succeeded"
    let ready = unready.isEmpty && isInitialized && !hasStopped
    let notReady: (String, String)? =
      ready
      ? nil
      : isThrough
        ? ("PodCompleted", "")
        : ("ContainersNotReady", "containers with unready status: [\(unready.joined(separator: " "))]")
    let disruption =
      stage.cause == .nodeShutdown
      ? [condition("DisruptionTarget", true, ("TerminationByKubelet", Self.shutdownMessage), now: now)] : []
    return disruption + [
      condition("PodScheduled", true, nil, now: now),
      condition(
        "Initialized", isInitialized,
        isInitialized
          ? nil
          : ("ContainersNotInitialized", "containers with incomplete status: [\(incomplete.joined(separator: " "))]"),
        now: now),
      condition("ContainersReady", ready, notReady, now: now),
      condition("Ready", ready, notReady, now: now),
    ]
  }

  private mutating func condition(
    _ type: String, _ status: Bool, _ why: (reason: String, message: String)?, now: Moment
  ) -> JSONValue {
    if transitions[type]?.status != status {
      transitions[type] = ConditionTransition(status: status, time: now.timestamp)
    }
    var condition: JSONValue = [
      "type": .string(type), "status": .string(status ? "True" : "False"),
      "lastTransitionTime": .string(transitions[type]?.time ?? now.timestamp),
    ]
    if let why {
      condition["reason"] = .string(why.reason)
      if !why.message.isEmpty { condition["message"] = .string(why.message) }
    }
    return condition
  }

  private func status(of container: ContainerState) -> JSONValue {
    let image = container.spec.image ?? ""
    var status: JSONValue = [
      "name": .string(container.spec.name), "image": .string(image), "imageID": .string(""),
      "restartCount": .integer(Int64(restartCount(of: container))),
      "ready": .bool(container.role == .initializer ? container.hasSucceeded : container.isReady),
      "started": .bool(container.isStarted), "state": state(of: container), "lastState": .emptyObject,
    ]
    if container.running != nil || container.lastTermination != nil {
      status["containerID"] = .string(containerID(container, attempt: restartCount(of: container)))
      status["imageID"] = .string("local://\(image)")
    }
    if let last = container.lastTermination, container.phase != .finished {
      status["lastState"] = ["terminated": terminated(last, of: container)]
    }
    return status
  }

  /// The number of starts beyond the first: the next attempt counts only once it has begun.
  private func restartCount(of container: ContainerState) -> Int {
    container.running != nil || container.phase == .finished
      ? container.lastTermination.map { container.running == nil ? $0.attempt : container.attempt } ?? container.attempt
      : container.lastTermination?.attempt ?? 0
  }

  private func containerID(_ container: ContainerState, attempt: Int) -> String {
    "local://\(pod.uid)/\(container.spec.name)/\(attempt)"
  }

  private func state(of container: ContainerState) -> JSONValue {
    switch container.phase {
    case .running(let running):
      return ["running": ["startedAt": .string(running.startedAt.timestamp)]]
    case .backingOff(let reason, let message):
      return ["waiting": ["reason": .string(reason), "message": .string(message)]]
    case .finished:
      guard let last = container.lastTermination else { return waiting(container) }
      return ["terminated": terminated(last, of: container)]
    case .idle, .starting:
      return waiting(container)
    }
  }

  private func waiting(_ container: ContainerState) -> JSONValue {
    let isBehindOthers = container.role == .main && containers.contains { $0.role != .main } && !isInitialized
    let waitsForTurn = container.role != .main && container.spec.name != containers.first?.spec.name
    return ["waiting": ["reason": .string(isBehindOthers || waitsForTurn ? "PodInitializing" : "ContainerCreating")]]
  }

  private func terminated(_ last: ContainerState.Termination, of container: ContainerState) -> JSONValue {
    var state: JSONValue = [
      "exitCode": .integer(Int64(last.exit.code)), "reason": .string(last.reason),
      "startedAt": .string(last.startedAt.timestamp), "finishedAt": .string(last.finishedAt.timestamp),
      "containerID": .string(containerID(container, attempt: last.attempt)),
    ]
    if let signal = last.exit.signal { state["signal"] = .integer(Int64(signal)) }
    if let message = last.message { state["message"] = .string(message) }
    return state
  }
}

extension PodStateMachine.Stage {
  package var cause: PodStateMachine.StopCause? {
    switch self {
    case .preparing, .active: nil
    case .stopping(let cause), .stopped(let cause): cause
    }
  }
}
