package import KubernetesAPI
import KubernetesClient

/// What reconcilers ask of the API server. A protocol, so that tests can stop the controller between any two calls.
///
/// Failures are `KubernetesError`s.
package protocol ClusterAPI: Sendable {
  /// Reads past every cache.
  func get(_ type: ResourceType, namespace: String?, name: String) async throws -> KubernetesObject
  func create(_ object: KubernetesObject, _ type: ResourceType, dryRun: Bool) async throws -> KubernetesObject
  /// Server-side apply, with force, as `pheromone-controller`.
  func apply(_ object: KubernetesObject, _ type: ResourceType, subresource: String?) async throws
  func patch(_ type: ResourceType, namespace: String?, name: String, merge: JSONValue) async throws -> KubernetesObject
  /// Deletes the object if it still has this uid.
  func delete(_ type: ResourceType, namespace: String?, name: String, uid: String) async throws
}

/// What reconcilers read from: the state of the cluster a short while ago.
package protocol ClusterCache: Sendable {
  func workflow(_ key: ObjectKey) -> KubernetesObject?
  func bucket(_ key: ObjectKey) -> KubernetesObject?
  /// Buckets whose `spec.workflow` names this workflow.
  func buckets(of workflow: ObjectKey) -> [KubernetesObject]
  /// Pods that carry this workflow's label.
  func pods(of workflow: ObjectKey) -> [KubernetesObject]
  /// The PodDisruptionBudget that the controller keeps for this workflow.
  func budget(of workflow: ObjectKey) -> KubernetesObject?
}

/// Where what people want to see of the controller's work goes.
package protocol EventSink: Sendable {
  func record(_ event: ControllerEvent, regarding object: KubernetesObject) async
}

package struct ControllerEvent: Sendable, Hashable {
  package var isWarning: Bool
  package var reason: String
  package var message: String
  package var action: String

  package init(isWarning: Bool = false, reason: String, message: String, action: String) {
    self.isWarning = isWarning
    self.reason = reason
    self.message = message
    self.action = action
  }
}

/// What running pods and their coordinator can be asked.
package protocol PodInsight: Sendable {
  /// The load of a workflow's pods at this moment; nil where the coordinator does not answer in time.
  func load(namespace: String, workflow: String) async -> [String: PodLoadReport]?
  /// Why the sidecar at this address is not ready, in its own words; nil where it is, or does not answer.
  func unreadiness(address: String) async -> String?
}
