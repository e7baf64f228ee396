import Dataflow
package import FoundationEssentials
package import KubernetesAPI
import KubernetesClient
package import Logging
import Synchronization

/// Makes the pods of a workflow what its resource says, and its status what is.
///
/// Level-based: a look begins with what is there, not with what has happened, and any look may be the last of this
/// process. In steps: 1. snapshot, 2. judge, 3. decide (pure: `PodPlanner`), 4. apply, 5. report.
package final class WorkflowReconciler: Sendable {
  let cache: any ClusterCache
  let api: any ClusterAPI
  let insight: any PodInsight
  let events: any EventSink
  let composer: PodComposer
  let gate: RolloutGate
  let logger: Logger
  private let now: @Sendable () -> Date
  private let memories = Mutex<[ObjectKey: WorkflowMemory]>([:])

  package init(
    cache: any ClusterCache, api: any ClusterAPI, insight: any PodInsight, events: any EventSink,
    composer: PodComposer, gate: RolloutGate, logger: Logger, now: @escaping @Sendable () -> Date = { Date() }
  ) {
    self.cache = cache
    self.api = api
    self.insight = insight
    self.events = events
    self.composer = composer
    self.gate = gate
    self.logger = logger
    self.now = now
  }

  /// One look at a workflow.
  ///
  /// - Returns: after how many seconds to look again even if nothing happens; nil for never.
  /// - Throws: what made a step impossible. The status says so too, and the look has to be repeated.
  package func reconcile(_ key: ObjectKey) async throws -> TimeInterval? {
    // 1. Snapshot.
    guard let workflow = cache.workflow(key), !workflow.isBeingDeleted else {
      forget(key)
      return nil
    }
    let time = now()
    var look = WorkflowLook(workflow: workflow, composer: composer, now: time)
    look.pods = remember(key, workflow.uid) { memory in
      let pods = memory.ledger.reconciled(cache.pods(of: key), workflowUID: workflow.uid, now: time)
      let ended = pods.filter(\.hasEndedByItself)
      if !ended.isEmpty { memory.backoff.podsEnded(Set(ended.map(\.uid)), now: time) }
      if let ending = ended.min(by: { $0.name < $1.name })?.ending { memory.lastEnding = ending }
      return pods
    }
    look.lastEnding = remember(key, workflow.uid) { $0.lastEnding }

    // 2. Judge.
    let buckets = cache.buckets(of: key)
    look.bucketCount = buckets.count
    let findings = SoundnessCheck.findings(workflow: workflow, buckets: buckets)
    look.verdict = try await verdict(on: look, errors: findings.filter(\.isError))
    look.warnings = findings.filter { !$0.isError }
    if let warning = ReplicaOwnership.warning(workflow) { look.warnings.append(warning) }

    // 3. Decide.
    look.isQueued = !admitRollout(look)
    let wait = remember(key, workflow.uid) { $0.backoff.wait(now: time) }
    var planner = look.planner(backoff: wait)
    look.plan = planner.plan(look.pods, now: time)
    if look.plan.needsLoad,
      let load = await insight.load(namespace: workflow.namespace ?? "", workflow: workflow.name)
    {
      planner.load = load
      look.plan = planner.plan(look.pods, now: time)
    }

    // 4. Apply.
    var failure: (any Error)?
    do {
      try await applyPlan(look)
    } catch let error as StepFailure {
      failure = error.cause
      look.failure = error
    }

    // 5. Report.
    let unready = await explainUnreadyPods(&look)
    try await report(look)
    if let failure { throw failure }
    return look.lookAgain(unreadyPods: unready)
  }

  // MARK: - What is remembered

  func remember<Value: Sendable>(
    _ key: ObjectKey, _ uid: String, _ body: (inout WorkflowMemory) -> sending Value
  ) -> Value {
    memories.withLock { memories in
      var memory = memories[key] ?? WorkflowMemory(uid: uid)
      if memory.uid != uid { memory = WorkflowMemory(uid: uid) }
      defer { memories[key] = memory }
      return body(&memory)
    }
  }

  private func forget(_ key: ObjectKey) {
    let memory = memories.withLock { $0.removeValue(forKey: key) }
    if let memory { gate.leave(memory.uid) }
  }

  /// The cache has shown a pod, or that it is gone.
  package func podObserved(_ pod: KubernetesObject, isGone: Bool) {
    guard let key = ExecutorPodLabels.workflowKey(of: pod) else { return }
    memories.withLock { $0[key]?.ledger.podObserved(name: pod.name, uid: pod.uid, isGone: isGone) }
  }

  /// The cache has shown a change of a workflow's budget, or that it is gone.
  package func budgetObserved(of key: ObjectKey) {
    memories.withLock { $0[key]?.awaitsBudget = false }
  }

  // MARK: - Judging

  private func verdict(on look: WorkflowLook, errors: [Finding]) async throws -> Verdict {
    let template = PodComposer.findings(in: look.workflow)
    if !template.isEmpty { return .badTemplate(template) }
    if !errors.isEmpty { return .unsound(errors) }
    // Pods of this revision exist: the API server has taken it before.
    if look.pods.contains(where: { $0.ownership == .ours && $0.revision == look.revision }) { return .accepted }
    let refused = try await templateFindings(look)
    return refused.isEmpty ? .accepted : .badTemplate(refused)
  }

  private func templateFindings(_ look: WorkflowLook) async throws -> [Finding] {
    let (key, uid) = (look.workflow.key, look.workflow.uid)
    let known = remember(key, uid) { $0.knownTemplateFindings(revision: look.revision, now: look.now) }
    if let known { return known }
    let name = ExecutorPodName.name(workflow: look.workflow.name, uid: uid, revision: look.revision, slot: -1)
    var findings: [Finding] = []
    do {
      _ = try await api.create(look.pod(named: name, composer), .pod, dryRun: true)
    } catch let error as KubernetesError {
      guard !error.isAlreadyExists else { return [] }
      guard let refusal = TemplateCheck.findings(error, workflow: look.workflow.name) else {
        // Not the template's fault: creating the pods will meet it again, and report it.
        if error.status != nil { return [] }
        throw error
      }
      findings = refusal
    }
    let checked = WorkflowMemory.CheckedTemplate(revision: look.revision, findings: findings, at: look.now)
    remember(key, uid) { $0.template = checked }
    return findings
  }

  /// Whether the workflow may roll as far as the upgrade of the operator is concerned.
  private func admitRollout(_ look: WorkflowLook) -> Bool {
    guard look.wantsRollout else {
      gate.leave(look.workflow.uid)
      return true
    }
    return !look.isOperatorUpgrade(composer) || gate.enter(look.workflow.uid)
  }
}
