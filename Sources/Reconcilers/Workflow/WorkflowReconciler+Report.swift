import FoundationEssentials
import KubernetesAPI
import KubernetesClient

extension WorkflowReconciler {
  /// Pods are asked why they are not ready only after their containers have run this long, since a container that was
  /// started anew needs its time again: until then they are simply on their way.
  private static let startingTime: TimeInterval = 5
  /// More pods than this need not be asked to know what is wrong.
  private static let askedPods = 3

  /// Running pods that are not ready know why, for instance which functions nobody has registered.
  ///
  /// - Returns: whether there are any that may have something else to say later.
  func explainUnreadyPods(_ look: inout WorkflowLook) async -> Bool {
    let indices = look.pods.indices.filter { index in
      let pod = look.pods[index]
      return pod.isActive && pod.phase == .running && !pod.isReady && pod.trouble == nil && pod.address != nil
    }
    let asked = indices.filter { index in
      look.pods[index].runningSince.map { look.now.timeIntervalSince($0) >= Self.startingTime } ?? false
    }
    for index in asked.prefix(Self.askedPods) {
      guard let address = look.pods[index].address, let answer = await insight.unreadiness(address: address) else {
        continue
      }
      look.pods[index].trouble = PodTrouble(unreadiness: answer, since: look.pods[index].runningSince)
    }
    return !indices.isEmpty
  }

  /// Writes the status if it changed, and records what people want to see of the change.
  func report(_ look: WorkflowLook) async throws {
    let wanted = look.status.document(now: look.now)
    let workflow = look.workflow
    guard
      !StatusConditions.isUpToDate(
        workflow.document["status"], wanted: wanted, owned: WorkflowStatus.ownedConditions)
    else { return }
    var document = KubernetesObject(.workflow, namespace: workflow.namespace, name: workflow.name)
    document["status"] = wanted
    do {
      try await api.apply(document, .workflow, subresource: "status")
    } catch let error as KubernetesError where error.isNotFound {
      return
    }
    let events = StatusEvents.events(before: workflow["status", "conditions"], after: look.status.conditions())
    for event in events { await self.events.record(event, regarding: workflow) }
  }
}
