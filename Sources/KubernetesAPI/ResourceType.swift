/// A kind of resource and where an API server keeps it.
package struct ResourceType: Sendable, Hashable {
  /// Empty for the core group.
  package var group: String
  package var version: String
  package var kind: String
  /// The plural name in paths.
  package var plural: String
  package var isNamespaced: Bool

  package init(group: String, version: String, kind: String, plural: String, isNamespaced: Bool = true) {
    self.group = group
    self.version = version
    self.kind = kind
    self.plural = plural
    self.isNamespaced = isNamespaced
  }

  package var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

  /// The path of the collection, or of one object or subresource of it. A nil namespace means all of them.
  package func path(namespace: String? = nil, name: String? = nil, subresource: String? = nil) -> String {
    var path = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
    if isNamespaced, let namespace { path += "/namespaces/\(namespace)" }
    path += "/\(plural)"
    if let name { path += "/\(name)" }
    if let subresource { path += "/\(subresource)" }
    return path
  }
}

extension ResourceType {
  package static let workflow = ResourceType(
    group: "pheromone.dev", version: "v1alpha1", kind: "Workflow", plural: "workflows")
  package static let bucket = ResourceType(
    group: "pheromone.dev", version: "v1alpha1", kind: "Bucket", plural: "buckets")
  package static let pod = ResourceType(group: "", version: "v1", kind: "Pod", plural: "pods")
  package static let service = ResourceType(group: "", version: "v1", kind: "Service", plural: "services")
  package static let configMap = ResourceType(group: "", version: "v1", kind: "ConfigMap", plural: "configmaps")
  package static let secret = ResourceType(group: "", version: "v1", kind: "Secret", plural: "secrets")
  package static let serviceAccount = ResourceType(
    group: "", version: "v1", kind: "ServiceAccount", plural: "serviceaccounts")
  package static let namespace = ResourceType(
    group: "", version: "v1", kind: "Namespace", plural: "namespaces", isNamespaced: false)
  package static let node = ResourceType(group: "", version: "v1", kind: "Node", plural: "nodes", isNamespaced: false)
  package static let event = ResourceType(group: "events.k8s.io", version: "v1", kind: "Event", plural: "events")
  package static let coreEvent = ResourceType(group: "", version: "v1", kind: "Event", plural: "events")
  package static let lease = ResourceType(group: "coordination.k8s.io", version: "v1", kind: "Lease", plural: "leases")
  package static let customResourceDefinition = ResourceType(
    group: "apiextensions.k8s.io", version: "v1", kind: "CustomResourceDefinition", plural: "customresourcedefinitions",
    isNamespaced: false)
}
