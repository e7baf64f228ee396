package import KubernetesAPI

/// The objects of a list and the version from which a watch goes on.
package struct ObjectList: Sendable, Hashable {
  package var items: [KubernetesObject]
  package var resourceVersion: String

  package init(items: [KubernetesObject], resourceVersion: String) {
    self.items = items
    self.resourceVersion = resourceVersion
  }
}
