import KubernetesAPI

/// Who and what this node is.
package struct NodeIdentity: Sendable, Hashable {
  package var name: String
  /// The address at which its log endpoint is, and the one of pods in the host's network.
  package var address: String
  package var capacity: NodeCapacity
  package var labels: [String: String]

  package init(name: String, address: String, capacity: NodeCapacity, labels: [String: String] = [:]) {
    self.name = name
    self.address = address
    self.capacity = capacity
    self.labels = labels.merging(["kubernetes.io/hostname": name, "kubernetes.io/os": "linux"]) { $1 }
  }
}
