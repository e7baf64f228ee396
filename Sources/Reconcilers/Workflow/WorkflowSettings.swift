import Dataflow
package import KubernetesAPI

/// The part of a `Workflow` that is about pods: how many, of what, and how they are replaced.
///
/// Read leniently, with the defaults of the schema: what has the wrong shape has been refused by the API server, and
/// what slipped through is reported by the static check or by the dry run of a pod.
package struct WorkflowSettings: Sendable, Hashable {
  package var replicas: Int
  package var executors: Int
  /// Object memory of a pod in bytes; zero where the text is no quantity, which the static check reports.
  package var sharedMemory: Int
  package var strategy: RolloutStrategy
  package var minReadySeconds: Int
  package var isPaused: Bool
  package var isSuspended: Bool
  package var template: JSONValue
  package var sidecarResources: JSONValue?

  package init(_ workflow: KubernetesObject) {
    let spec = workflow["spec"] ?? .emptyObject
    replicas = max(spec["replicas"]?.intValue ?? 1, 0)
    executors = max(spec["executors"]?.intValue ?? 1, 1)
    sharedMemory = max(Quantity.bytes(spec["sharedMemory"]?.stringValue ?? "256Mi") ?? 0, 0)
    strategy = RolloutStrategy(spec[path: "strategy", "rollingUpdate"] ?? .emptyObject)
    minReadySeconds = max(spec["minReadySeconds"]?.intValue ?? 0, 0)
    isPaused = spec["paused"]?.boolValue ?? false
    isSuspended = spec["suspend"]?.boolValue ?? false
    template = spec["template"] ?? .emptyObject
    sidecarResources = spec[path: "sidecar", "resources"]
  }
}
