package import KubernetesAPI

/// What happened to one object of a store since its reader last heard of it. Several changes in between are one.
package struct StoreChange: Sendable, Hashable {
  package var key: ObjectKey
  /// Nil: it is new to the reader.
  package var old: KubernetesObject?
  /// Nil: it is gone.
  package var new: KubernetesObject?

  package init(key: ObjectKey, old: KubernetesObject?, new: KubernetesObject?) {
    self.key = key
    self.old = old
    self.new = new
  }
}
