/// Who this pod is, from its environment.
package struct PodIdentity: Sendable, Hashable {
  package var namespace: String
  package var workflow: String
  package var revision: String
  package var podName: String
  package var podUID: String
  /// Object memory, in bytes.
  package var sharedMemory: Int
  /// Drawn anew in each life of the sidecar.
  package var epoch: UInt64

  package init(
    namespace: String, workflow: String, revision: String, podName: String, podUID: String, sharedMemory: Int,
    epoch: UInt64
  ) {
    self.namespace = namespace
    self.workflow = workflow
    self.revision = revision
    self.podName = podName
    self.podUID = podUID
    self.sharedMemory = sharedMemory
    self.epoch = epoch
  }
}
