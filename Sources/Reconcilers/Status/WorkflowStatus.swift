package import Dataflow
package import FoundationEssentials
package import KubernetesAPI

/// The part of a workflow's status that the controller owns. Pure: facts in, a document for server-side apply out.
package struct WorkflowStatus: Sendable {
  package var workflow: KubernetesObject
  package var settings: WorkflowSettings
  package var verdict: Verdict
  package var warnings: [Finding]
  package var bucketCount: Int
  package var revision: String
  package var pods: [ExecutorPod]
  package var plan: PodPlan
  /// What the last attempt to create or delete pods met, if it failed.
  package var failure: String?
  /// Whether a rollout waits for others, see `RolloutGate`.
  package var isQueued: Bool

  package init(
    workflow: KubernetesObject, settings: WorkflowSettings, verdict: Verdict, warnings: [Finding] = [],
    bucketCount: Int, revision: String, pods: [ExecutorPod], plan: PodPlan, failure: String? = nil,
    isQueued: Bool = false
  ) {
    self.workflow = workflow
    self.settings = settings
    self.verdict = verdict
    self.warnings = warnings
    self.bucketCount = bucketCount
    self.revision = revision
    self.pods = pods
    self.plan = plan
    self.failure = failure
    self.isQueued = isQueued
  }

  /// The revision is remembered from the first acceptance on: it says that the workflow may keep pods while a later
  /// version of it is refused.
  package static func wasAcceptedBefore(_ workflow: KubernetesObject) -> Bool {
    workflow["status", "revision"]?.stringValue?.isEmpty == false
  }

  package func document(now: Date) -> JSONValue {
    var status: JSONValue = [
      "observedGeneration": .integer(Int64(workflow.generation)),
      "replicas": .integer(Int64(plan.counts.active)),
      "readyReplicas": .integer(Int64(plan.counts.ready)),
      "updatedReplicas": .integer(Int64(plan.counts.updated)),
      "ready": .string("\(plan.counts.ready)/\(settings.replicas)"),
      "selector": .string(ExecutorPodLabels.selector(workflow: workflow.name)),
    ]
    status["revision"] = verdict.isAccepted ? .string(revision) : workflow["status", "revision"]
    status["conditions"] = StatusConditions.merged(
      conditions(), previous: workflow["status", "conditions"], owned: Self.ownedConditions,
      generation: workflow.generation, now: now)
    return status
  }

  /// Conditions of other types belong to others.
  package static let ownedConditions: Set<String> = [
    "Accepted", "Ready", "Reconciling", "Stalled", "Degraded", "MemoryPressure",
  ]

  /// In the order in which people should read them.
  package func conditions() -> [Condition] {
    [accepted, ready, reconciling, stalled] + [degraded, memoryPressure].compactMap(\.self)
  }

  // MARK: - Each condition

  private var accepted: Condition {
    switch verdict {
    case .accepted:
      let buckets = bucketCount == 1 ? "its bucket" : "its \(bucketCount) buckets"
      return Condition(
        type: "Accepted", status: "True", reason: "Accepted",
        message: "the workflow and \(buckets) are sound" + Verdict.suffix(warnings))
    case .unsound(let findings):
      return Condition(
        type: "Accepted", status: "False", reason: Verdict.reason(findings), message: Verdict.text(findings))
    case .badTemplate(let findings):
      return Condition(type: "Accepted", status: "False", reason: "InvalidTemplate", message: Verdict.text(findings))
    }
  }

  private var ready: Condition {
    let (ready, desired) = (plan.counts.ready, settings.replicas)
    let figures = "\(ready) of \(desired) executor pods are ready"
    if !WorkflowStatus.wasAcceptedBefore(workflow), !verdict.isAccepted {
      return Condition(
        type: "Ready", status: "False", reason: "NotAccepted",
        message: "no pods are started before the workflow is accepted; see the condition Accepted")
    }
    if desired == 0 {
      return Condition(
        type: "Ready", status: "True", reason: "ScaledToZero",
        message: "no executor pods are wanted; kubectl scale workflow/\(workflow.name) --replicas=1 starts one")
    }
    if ready < desired {
      return Condition(type: "Ready", status: "False", reason: "PodsNotReady", message: figures)
    }
    if settings.isSuspended {
      return Condition(
        type: "Ready", status: "True", reason: "Suspended",
        message: "\(figures); no new request is taken while spec.suspend is true")
    }
    return Condition(type: "Ready", status: "True", reason: "AllReady", message: figures)
  }

  private var reconciling: Condition {
    func isTrue(_ reason: String, _ message: String) -> Condition {
      Condition(type: "Reconciling", status: "True", reason: reason, message: message)
    }
    let counts = plan.counts
    let desired = settings.replicas
    guard verdict.isAccepted else {
      return Condition(
        type: "Reconciling", status: "False", reason: "NotAccepted", message: "see the condition Accepted")
    }
    if isQueued {
      return isTrue("RolloutQueued", "the rollout of revision \(revision) waits until other workflows have rolled")
    }
    if plan.isRolling {
      return isTrue("RollingOut", "\(counts.updated) of \(desired) executor pods have revision \(revision)")
    }
    if counts.active < desired {
      return isTrue("ScalingUp", "\(counts.active) of \(desired) executor pods exist")
    }
    if counts.active > desired {
      return isTrue("ScalingDown", "\(counts.active) executor pods exist, \(desired) are wanted")
    }
    if counts.available < desired {
      return isTrue("WaitingForPods", "\(counts.available) of \(desired) executor pods are available")
    }
    if settings.isPaused, counts.updated < counts.active {
      return Condition(
        type: "Reconciling", status: "False", reason: "Paused",
        message: "\(counts.active - counts.updated) pods keep their revision while spec.paused is true")
    }
    return Condition(type: "Reconciling", status: "False", reason: "UpToDate", message: "everything is as it should be")
  }

  private var stalled: Condition {
    if !verdict.isAccepted {
      return Condition(
        type: "Stalled", status: "True", reason: accepted.reason, message: "somebody has to act: \(accepted.message)")
    }
    return Condition(type: "Stalled", status: "False", reason: "Progressing", message: "nobody has to act")
  }

  /// Present only when there is something to say.
  private var degraded: Condition? {
    func isTrue(_ reason: String, _ message: String) -> Condition {
      Condition(type: "Degraded", status: "True", reason: reason, message: message)
    }
    let troubled = pods.filter { $0.isActive && $0.trouble != nil }
    let worst = troubled.max { one, other in
      let kinds = (one.trouble?.kind.rawValue ?? 0, other.trouble?.kind.rawValue ?? 0)
      return kinds.0 != kinds.1 ? kinds.0 < kinds.1 : one.name > other.name
    }
    if let failure { return isTrue("FailedCreate", failure) }
    if let worst, let trouble = worst.trouble {
      let others = troubled.count > 1 ? " (and \(troubled.count - 1) more)" : ""
      return isTrue(trouble.kind.reason, "pod \(worst.name)\(others): \(trouble.message)")
    }
    let ended = pods.filter(\.hasEndedByItself)
    if let first = ended.map(\.name).min() {
      return isTrue(
        "PodsEnded", "pod \(first) ended\(ended.count > 1 ? " and \(ended.count - 1) more" : ""); it is replaced")
    }
    if plan.blockedCreations > 0, plan.lookAgain != nil {
      return isTrue(
        "PodsEnded", "pods have ended by themselves; \(plan.blockedCreations) are replaced after a back-off")
    }
    return nil
  }

  /// Present only while there is something to say. The coordinator counts the pods, as their sidecars report it.
  private var memoryPressure: Condition? {
    let full = workflow["status", "fullPods"]?.intValue ?? 0
    guard full > 0 else { return nil }
    let pods = full == 1 ? "1 executor pod takes" : "\(full) executor pods take"
    return Condition(
      type: "MemoryPressure", status: "True", reason: "ObjectMemoryFull",
      message: "\(pods) no new session while three quarters of the object memory are in use (spec.sharedMemory is "
        + "\(Quantity.format(settings.sharedMemory))); raise spec.sharedMemory, or start more pods: kubectl scale "
        + "workflow/\(workflow.name) --replicas=\(settings.replicas + 1)")
  }
}
