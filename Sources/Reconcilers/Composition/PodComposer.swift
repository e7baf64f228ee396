import Dataflow
package import KubernetesAPI

/// Turns a workflow's template into an executor pod: the user's containers, the sidecar, the socket between them, and
/// safe settings where the template is silent. Pure; the drain token is an input.
package struct PodComposer: Sendable, Hashable {
  package var sidecarImage: String
  /// `host:port` that sidecars dial.
  package var coordinator: String
  /// How sidecars log: what `--log-level` and `--log-format` take. Nil leaves it to the sidecar.
  package var logLevel: String?
  package var logFormat: String?

  package static let sidecarName = "pheromone-sidecar"
  package static let socketVolume = "pheromone-socket"
  package static let socketFolder = "/var/run/pheromone"
  package static let socketPath = "/var/run/pheromone/sidecar.sock"
  package static let port = 7070
  package static let portName = "pheromone"
  package static let drainHeader = "X-Pheromone-Drain-Token"
  package static let standardGrace = 60
  /// What the sidecar needs beside the objects.
  package static let memoryOverhead = 64 << 20

  package init(sidecarImage: String, coordinator: String, logLevel: String? = nil, logFormat: String? = nil) {
    self.sidecarImage = sidecarImage
    self.coordinator = coordinator
    self.logLevel = logLevel
    self.logFormat = logFormat
  }

  /// The pod to POST. What is wrong with the template itself is found by `findings(in:)`.
  package func pod(
    for workflow: KubernetesObject, settings: WorkflowSettings, revision: String, name: String, drainToken: String
  ) -> KubernetesObject {
    var pod = KubernetesObject(.pod, namespace: workflow.namespace, name: name)
    pod["metadata", "labels"] = .object(labels(workflow, settings, revision))
    pod["metadata", "annotations"] = .object(annotations(settings))
    pod["metadata", "ownerReferences"] = [Self.ownerReference(to: workflow)]

    var spec = settings.template["spec"] ?? .emptyObject
    spec["restartPolicy"] = spec["restartPolicy"] ?? "Always"
    let grace = spec["terminationGracePeriodSeconds"]?.intValue ?? Self.standardGrace
    spec["terminationGracePeriodSeconds"] = .integer(Int64(grace))
    if spec["automountServiceAccountToken"] == nil, spec["serviceAccountName"] == nil {
      spec["automountServiceAccountToken"] = false
    }
    spec["enableServiceLinks"] = spec["enableServiceLinks"] ?? false
    spec["securityContext"] = Self.podSecurity(spec["securityContext"])

    let context = Context(
      workflow: workflow, settings: settings, revision: revision, grace: grace, drainToken: drainToken)
    let containers = spec["containers"]?.arrayValue ?? []
    spec["containers"] = .array(containers.map { functionContainer($0, context) })
    let initial = spec["initContainers"]?.arrayValue ?? []
    // The sidecar comes first: what the user's own init containers start may already want to reach it.
    spec["initContainers"] = .array([sidecar(context)] + initial.map { Self.telling(Self.secured($0)) })
    let socket: JSONValue = ["name": .string(Self.socketVolume), "emptyDir": ["sizeLimit": "16Mi"]]
    spec["volumes"] = .array((spec["volumes"]?.arrayValue ?? []) + [socket])
    pod["spec"] = spec
    return pod
  }

  struct Context {
    let workflow: KubernetesObject
    let settings: WorkflowSettings
    let revision: String
    let grace: Int
    let drainToken: String
  }

  // MARK: - Metadata

  package static func ownerReference(to workflow: KubernetesObject) -> JSONValue {
    [
      "apiVersion": .string(ResourceType.workflow.apiVersion), "kind": .string(ResourceType.workflow.kind),
      "name": .string(workflow.name), "uid": .string(workflow.uid), "controller": true, "blockOwnerDeletion": true,
    ]
  }

  private func labels(
    _ workflow: KubernetesObject, _ settings: WorkflowSettings, _ revision: String
  ) -> [String: JSONValue] {
    var labels = settings.template[path: "metadata", "labels"]?.objectValue ?? [:]
    labels[ExecutorPodLabels.workflow] = .string(workflow.name)
    labels[ExecutorPodLabels.revision] = .string(revision)
    labels[ExecutorPodLabels.managedBy] = "pheromone"
    return labels
  }

  private func annotations(_ settings: WorkflowSettings) -> [String: JSONValue] {
    var annotations: [String: JSONValue] = ["cluster-autoscaler.kubernetes.io/safe-to-evict": "true"]
    if let first = settings.template[path: "spec", "containers"]?[0]?["name"] {
      annotations["kubectl.kubernetes.io/default-container"] = first
    }
    let explicit = settings.template[path: "metadata", "annotations"]?.objectValue ?? [:]
    return annotations.merging(explicit) { $1 }
  }
}
