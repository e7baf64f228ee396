import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import Logging

extension WorkflowReconciler {
  /// Adopts, deletes and creates. Each call may be the last one: what is left undone is decided again at the next look.
  func applyPlan(_ look: WorkflowLook) async throws {
    try await Self.step(.adopt) { for pod in look.plan.adoptions { try await adopt(pod, look) } }
    try await Self.step(.delete) { try await remove(look) }
    try await Self.step(.create) { try await create(look) }
    if look.mayHavePods { try await Self.step(.budget) { try await applyBudget(for: look.workflow) } }
  }

  private static func step(_ step: StepFailure.Step, _ body: () async throws -> Void) async throws {
    do {
      try await body()
    } catch {
      throw error is CancellationError ? error : StepFailure(step, error)
    }
  }

  // MARK: - Adoption

  /// A pod with our label and without a controller becomes ours, but only if the workflow, read past the cache, is
  /// still the one that we think it is.
  private func adopt(_ pod: ExecutorPod, _ look: WorkflowLook) async throws {
    let workflow = look.workflow
    let fresh = try await api.get(.workflow, namespace: workflow.namespace, name: workflow.name)
    guard fresh.uid == workflow.uid, !fresh.isBeingDeleted else { return }
    let current = try await api.get(.pod, namespace: workflow.namespace, name: pod.name)
    guard current.uid == pod.uid, current.controller == nil, !current.isBeingDeleted else { return }
    let references =
      (current["metadata", "ownerReferences"]?.arrayValue ?? []) + [PodComposer.ownerReference(to: workflow)]
    let patch: JSONValue = [
      "metadata": [
        "uid": .string(pod.uid), "resourceVersion": .string(current.resourceVersion),
        "ownerReferences": .array(references),
      ]
    ]
    _ = try await api.patch(.pod, namespace: workflow.namespace, name: pod.name, merge: patch)
    await events.record(
      ControllerEvent(reason: "Adopted", message: "took over pod \(pod.name)", action: "Adopting"), regarding: workflow)
  }

  // MARK: - Deletion

  private func remove(_ look: WorkflowLook) async throws {
    let workflow = look.workflow
    var removed: [PodPlan.Removal] = []
    for removal in look.plan.removals {
      let pod = removal.pod
      do {
        try await api.delete(.pod, namespace: workflow.namespace, name: pod.name, uid: pod.uid)
        removed.append(removal)
      } catch let error as KubernetesError where error.isNotFound || error.isConflict {
        // It is gone, or another pod has its name: what we wanted is so.
      }
      remember(workflow.key, workflow.uid) { $0.ledger.podDeleted(uid: pod.uid, now: look.now) }
    }
    for event in Self.events(of: removed) { await events.record(event, regarding: workflow) }
  }

  private static func events(of removals: [PodPlan.Removal]) -> [ControllerEvent] {
    func names(_ reason: PodPlan.Removal.Reason) -> [String] {
      removals.filter { $0.reason == reason }.map(\.pod.name).sorted()
    }
    var events: [ControllerEvent] = []
    let (ended, scaled, replaced) = (names(.ended), names(.scaledDown), names(.replaced))
    if !ended.isEmpty {
      events.append(
        ControllerEvent(
          isWarning: true, reason: "PodsEnded", message: "removed \(listed(ended)), which ended", action: "Replacing"))
    }
    if !scaled.isEmpty {
      events.append(ControllerEvent(reason: "ScaledDown", message: "deleted \(listed(scaled))", action: "Scaling"))
    }
    if !replaced.isEmpty {
      events.append(
        ControllerEvent(
          reason: "Replaced", message: "deleted \(listed(replaced)) of a former revision", action: "RollingOut"))
    }
    return events
  }

  static func listed(_ names: [String]) -> String {
    let shown = names.prefix(5).joined(separator: ", ")
    let count = "\(names.count) executor \(names.count == 1 ? "pod" : "pods")"
    return names.count > 5 ? "\(count): \(shown), …" : "\(count): \(shown)"
  }

  // MARK: - Creation

  private func create(_ look: WorkflowLook) async throws {
    guard look.plan.creations > 0 else { return }
    let workflow = look.workflow
    let occupied = remember(workflow.key, workflow.uid) { $0.ledger.occupiedNames }
    let names = ExecutorPodName.free(
      look.plan.creations, workflow: workflow.name, uid: workflow.uid, revision: look.revision,
      taken: Set(look.pods.map(\.name)).union(occupied))
    let (made, failure) = await SlowStart.run(names) { name in try await self.create(name, look) }
    let created = made.compactMap { $0 }.sorted()
    if !created.isEmpty {
      let reason = look.plan.isRolling ? "RollingOut" : "ScaledUp"
      await events.record(
        ControllerEvent(reason: reason, message: "created \(Self.listed(created))", action: "Scaling"),
        regarding: workflow)
    }
    if let failure {
      // In a namespace that is being deleted nothing can be created, and nothing needs to be.
      let causes = (failure as? KubernetesError)?.status?.details?.causes ?? []
      if causes.contains(where: { $0.reason == "NamespaceTerminating" }) { return }
      await events.record(
        ControllerEvent(
          isWarning: true, reason: "FailedCreate", message: StepFailure(.create, failure).message, action: "Scaling"),
        regarding: workflow)
      throw failure
    }
  }

  /// - Returns: the name, if the pod is new.
  private func create(_ name: String, _ look: WorkflowLook) async throws -> String? {
    let workflow = look.workflow
    do {
      let pod = try await api.create(look.pod(named: name, composer), .pod, dryRun: false)
      remember(workflow.key, workflow.uid) { $0.ledger.podCreated(pod, now: look.now) }
      return name
    } catch let error as KubernetesError where error.isAlreadyExists {
      // Ours from before the cache knew of it; or something else that has the name, which is then left alone.
      let pod = try await api.get(.pod, namespace: workflow.namespace, name: name)
      guard pod.controller?.uid == workflow.uid else {
        remember(workflow.key, workflow.uid) { $0.ledger.nameOccupied(name, now: look.now) }
        throw error
      }
      remember(workflow.key, workflow.uid) { $0.ledger.podCreated(pod, now: look.now) }
      return nil
    }
  }

  // MARK: - Disruption budget

  private func applyBudget(for workflow: KubernetesObject) async throws {
    if let budget = cache.budget(of: workflow.key), DisruptionBudget.isRight(budget, for: workflow) { return }
    // Said before the call, so that a change which the cache shows before the answer comes is not missed.
    let isAwaited = remember(workflow.key, workflow.uid) { memory in
      defer { memory.awaitsBudget = true }
      return memory.awaitsBudget
    }
    if isAwaited { return }
    do {
      try await api.apply(DisruptionBudget.document(for: workflow), DisruptionBudget.type, subresource: nil)
    } catch {
      remember(workflow.key, workflow.uid) { $0.awaitsBudget = false }
      throw error
    }
  }
}
