import Dataflow
import FoundationEssentials
import KubernetesAPI

/// Everything that one look at a workflow has found and decided, step by step.
struct WorkflowLook: Sendable {
  let workflow: KubernetesObject
  let settings: WorkflowSettings
  let revision: String
  let now: Date
  var pods: [ExecutorPod] = []
  var bucketCount = 0
  var verdict = Verdict.accepted
  /// What the static check thinks worth a look, in a workflow that may run all the same.
  var warnings: [Finding] = []
  var isQueued = false
  var plan = PodPlan()
  var failure: StepFailure?
  var lastEnding: PodEnding?

  init(workflow: KubernetesObject, composer: PodComposer, now: Date) {
    self.workflow = workflow
    self.now = now
    settings = WorkflowSettings(workflow)
    revision = Revision.hash(of: settings, sidecarImage: composer.sidecarImage)
  }

  /// A workflow that was never accepted has no pods; one that was keeps what it has while a later version is refused.
  var mayHavePods: Bool { verdict.isAccepted || WorkflowStatus.wasAcceptedBefore(workflow) }

  private var outdated: [ExecutorPod] { pods.filter { $0.isActive && $0.revision != revision } }

  var wantsRollout: Bool { verdict.isAccepted && !settings.isPaused && !outdated.isEmpty }

  func isOperatorUpgrade(_ composer: PodComposer) -> Bool {
    outdated.contains { $0.sidecarImage != nil && $0.sidecarImage != composer.sidecarImage }
  }

  func planner(backoff: TimeInterval) -> PodPlanner {
    var block: PodPlanner.CreationBlock?
    if case .badTemplate = verdict {
      block = .notAccepted
    } else if !mayHavePods {
      block = .notAccepted
    } else if backoff > 0 {
      block = .backingOff(backoff)
    }
    return PodPlanner(
      desired: settings.replicas, revision: revision, strategy: settings.strategy,
      minReadySeconds: settings.minReadySeconds, mayRoll: wantsRollout && !isQueued, creationBlock: block)
  }

  func pod(named name: String, _ composer: PodComposer) -> KubernetesObject {
    let token = (0..<4).map { _ in
      let digits = String(UInt32.random(in: .min ... .max), radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }
    return composer.pod(
      for: workflow, settings: settings, revision: revision, name: name, drainToken: token.joined())
  }

  var status: WorkflowStatus {
    WorkflowStatus(
      workflow: workflow, settings: settings, verdict: verdict, warnings: warnings, bucketCount: bucketCount,
      revision: revision,
      pods: pods, plan: plan, failure: failure, lastEnding: lastEnding, isQueued: isQueued)
  }

  /// When to look again: what the plan says; sooner where only asking shows a change.
  func lookAgain(unreadyPods: Bool) -> TimeInterval? {
    var waits: [TimeInterval] = []
    if let wait = plan.lookAgain { waits.append(wait) }
    if unreadyPods || isQueued { waits.append(5) }
    // A trouble is past by the mere passing of time.
    waits += pods.compactMap { $0.isActive ? $0.trouble?.until : nil }.map { max($0.timeIntervalSince(now), 1) }
    if case .badTemplate = verdict { waits.append(WorkflowMemory.CheckedTemplate.patience) }
    return waits.min()
  }
}
