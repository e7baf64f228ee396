package import FoundationEssentials
package import KubernetesAPI

/// What the controller looks at in a pod.
package struct ExecutorPod: Sendable, Hashable {
  package enum Phase: String, Sendable {
    case pending = "Pending"
    case running = "Running"
    case succeeded = "Succeeded"
    case failed = "Failed"
    case unknown = "Unknown"
  }

  /// Who manages a pod that carries the workflow's label.
  package enum Ownership: Sendable, Hashable {
    case ours
    /// Nobody: it may be adopted.
    case orphan
    /// Another controller, or a former workflow of the same name: not to be touched.
    case foreign
  }

  package var name: String
  package var uid: String
  package var resourceVersion = ""
  package var revision: String?
  package var sidecarImage: String?
  package var ownership = Ownership.ours
  package var phase = Phase.running
  package var isTerminating = false
  package var isScheduled = true
  package var readySince: Date?
  /// When the last of its containers was started; nil unless all of them run.
  package var runningSince: Date?
  package var createdAt: Date
  package var restarts = 0
  package var address: String?
  package var trouble: PodTrouble?
  /// For a pod that has ended: why, as far as its status says.
  package var ending: PodEnding?

  package init(name: String, uid: String, createdAt: Date) {
    self.name = name
    self.uid = uid
    self.createdAt = createdAt
  }

  package var isReady: Bool { readySince != nil }
  /// It has ended and will not run again.
  package var isFinished: Bool { phase == .failed || phase == .succeeded }

  /// Whether it is the workflow's and has ended without having been deleted. A deleted pod ends too, as it should: its
  /// replacement must not wait.
  package var hasEndedByItself: Bool { ownership == .ours && isFinished && !isTerminating }
  /// It counts towards the replicas.
  package var isActive: Bool { ownership != .foreign && !isTerminating && !isFinished }

  /// Ready for long enough to be relied upon.
  package func isAvailable(minReadySeconds: Int, now: Date) -> Bool {
    readySince.map { now.timeIntervalSince($0) >= Double(minReadySeconds) } ?? false
  }
}

extension ExecutorPod {
  /// A pod with nothing in it but what `init` reads: most of a pod is its spec, of which that is little.
  package static func essentials(of pod: KubernetesObject) -> KubernetesObject {
    var slim = pod
    slim["metadata", "annotations"] = nil
    var spec: JSONValue = .emptyObject
    spec["nodeName"] = pod["spec", "nodeName"]
    let sidecar = pod["spec", "initContainers"]?.arrayValue?.first {
      $0["name"]?.stringValue == PodComposer.sidecarName
    }
    if let sidecar {
      spec["initContainers"] = [["name": sidecar["name"] ?? .null, "image": sidecar["image"] ?? .null]]
    }
    slim["spec"] = spec
    return slim
  }

  /// Reads a pod as it relates to the workflow with this uid.
  package init(_ pod: KubernetesObject, workflowUID: String, now: Date) {
    self.init(
      name: pod.name, uid: pod.uid, createdAt: pod.creationTimestamp.flatMap(Timestamp.parse) ?? now)
    resourceVersion = pod.resourceVersion
    revision = pod.labels[ExecutorPodLabels.revision]
    sidecarImage =
      pod["spec", "initContainers"]?.arrayValue?
      .first { $0["name"]?.stringValue == PodComposer.sidecarName }?["image"]?.stringValue
    ownership =
      switch pod.controller?.uid {
      case workflowUID: .ours
      case nil: .orphan
      default: .foreign
      }
    phase = Phase(rawValue: pod["status", "phase"]?.stringValue ?? "Pending") ?? .unknown
    isTerminating = pod.isBeingDeleted
    isScheduled = pod["spec", "nodeName"]?.stringValue?.isEmpty == false
    address = pod["status", "podIP"]?.stringValue
    let conditions = pod["status", "conditions"]?.arrayValue ?? []
    if let ready = conditions.first(where: { $0["type"]?.stringValue == "Ready" }),
      ready["status"]?.stringValue == "True"
    {
      readySince = ready["lastTransitionTime"]?.stringValue.flatMap(Timestamp.parse) ?? createdAt
    }
    let statuses = Self.containerStatuses(pod)
    restarts = statuses.reduce(0) { $0 + ($1["restartCount"]?.intValue ?? 0) }
    trouble = PodTrouble(pod: pod.name, conditions: conditions, statuses: statuses, now: now)
    if isFinished { ending = PodEnding(pod, statuses: statuses) }
    let starts = (pod["status", "containerStatuses"]?.arrayValue ?? []).map {
      $0[path: "state", "running", "startedAt"]?.stringValue.flatMap(Timestamp.parse)
    }
    runningSince = starts.contains(nil) ? nil : starts.compactMap { $0 }.max()
  }

  private static func containerStatuses(_ pod: KubernetesObject) -> [JSONValue] {
    (pod["status", "initContainerStatuses"]?.arrayValue ?? []) + (pod["status", "containerStatuses"]?.arrayValue ?? [])
  }
}
