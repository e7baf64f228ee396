package import KubernetesAPI

/// Which changes of conditions are worth an Event. Pure.
package enum StatusEvents {
  package static func events(before: JSONValue?, after: [Condition]) -> [ControllerEvent] {
    let previous: [Condition] = (before?.arrayValue ?? []).compactMap { try? $0.decode() }
    return after.compactMap { condition in
      let former = previous.first { $0.type == condition.type }
      if former?.status == condition.status, former?.reason == condition.reason { return nil }
      return event(condition, former: former)
    }
  }

  private static func event(_ condition: Condition, former: Condition?) -> ControllerEvent? {
    let isTrue = condition.status == "True"
    switch condition.type {
    case "Accepted":
      // What waits for another resource is no fault yet. At first sight it is the middle of a `kubectl apply`, as a rule,
      // and the condition is enough.
      let isWaiting = condition.reason == "BucketNotFound" || condition.reason == "WorkflowNotFound"
      if isWaiting, former == nil { return nil }
      return ControllerEvent(
        isWarning: !isTrue && !isWaiting, reason: isTrue ? "Accepted" : condition.reason, message: condition.message,
        action: "Accepting")
    case "Degraded" where isTrue && condition.reason != "FailedCreate":
      // Failures to create have an event of their own.
      return ControllerEvent(
        isWarning: true, reason: condition.reason, message: condition.message, action: "Reconciling")
    case "MemoryPressure" where isTrue:
      return ControllerEvent(
        isWarning: true, reason: condition.reason, message: condition.message, action: "Reconciling")
    case "Reconciling" where former?.reason == "RollingOut" && !isTrue:
      return ControllerEvent(
        reason: "RolledOut", message: "all executor pods have the same revision", action: "RollingOut")
    case "Ready" where isTrue && former != nil:
      return ControllerEvent(reason: condition.reason, message: condition.message, action: "Reconciling")
    default: return nil
    }
  }
}
