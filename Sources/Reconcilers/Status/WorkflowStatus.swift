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
  package var failure: StepFailure?
  /// How the last pod ended that did so by itself.
  package var lastEnding: PodEnding?
  /// Whether a rollout waits for others, see `RolloutGate`.
  package var isQueued: Bool

  package init(
    workflow: KubernetesObject, settings: WorkflowSettings, verdict: Verdict, warnings: [Finding] = [],
    bucketCount: Int, revision: String, pods: [ExecutorPod], plan: PodPlan, failure: StepFailure? = nil,
    lastEnding: PodEnding? = nil, isQueued: Bool = false
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
    self.lastEnding = lastEnding
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
      // The reason is what a person looks for; the remedy stands with it.
      let trouble = degraded
      return Condition(
        type: "Ready", status: "False", reason: trouble?.reason ?? "PodsNotReady",
        message: figures + (trouble.map { ": \($0.message)" } ?? ""))
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
    if waitsForBuckets {
      return isTrue(accepted.reason, "the workflow waits for its buckets; see the condition Accepted")
    }
    guard verdict.isAccepted else {
      return Condition(
        type: "Reconciling", status: "False", reason: "NotAccepted",
        message: "nothing changes before the workflow is accepted; see the condition Accepted")
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
    return Condition(
      type: "Reconciling", status: "False", reason: "UpToDate", message: "the pods are those that spec wants")
  }

  /// Whether nothing is wrong but that buckets are yet to come. They do, as a rule: it is the middle of a `kubectl apply`.
  private var waitsForBuckets: Bool { accepted.status == "False" && accepted.reason == "BucketNotFound" }

  /// True where nothing goes on before somebody changes the workflow. What is tried again and again is `Degraded`.
  private var stalled: Condition {
    if !verdict.isAccepted, !waitsForBuckets {
      return Condition(
        type: "Stalled", status: "True", reason: accepted.reason,
        message: "nothing goes on before this is corrected: \(accepted.message)")
    }
    let isTroubled = degraded != nil
    return Condition(
      type: "Stalled", status: "False", reason: isTroubled ? "Retrying" : "Progressing",
      message: isTroubled
        ? "the controller goes on trying; what to do is in the condition Degraded" : "the controller goes on by itself")
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
    if let failure { return isTrue(failure.reason, failure.message) }
    if let worst, let trouble = worst.trouble {
      let others = troubled.count > 1 ? " (and \(troubled.count - 1) more)" : ""
      return isTrue(trouble.kind.reason, "pod \(worst.name)\(others): \(trouble.message)")
    }
    let ended = pods.count(where: \.hasEndedByItself)
    guard ended > 0 || plan.blockedCreations > 0 && plan.lookAgain != nil else { return nil }
    let others = ended > 1 ? " and \(ended - 1) more" : ""
    let what = lastEnding.map { "pod \($0.pod)\(others) ended by itself: \($0.message)" } ?? "pods ended by themselves"
    let next = plan.blockedCreations > 0 ? "replaced after a back-off" : "replaced"
    let remedy = lastEnding?.remedy ?? "see kubectl get events"
    return isTrue("PodsEnded", "\(what); what ended is \(next); if it goes on: \(remedy)")
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
