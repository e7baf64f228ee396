import Dataflow

/// Names of executor pods follow from workflow, revision and slot. So a controller that does not know yet that it (or
/// its predecessor) has created a pod asks for the same name again, and is told that the pod exists.
package enum ExecutorPodName {
  /// At most 52 + 1 + 10 characters, which a label value and a host name allow.
  package static func name(workflow: String, uid: String, revision: String, slot: Int) -> String {
    "\(workflow)-\(StableHash.of(uid, revision, String(slot)).prefix(10))"
  }

  /// Names for `count` new pods: the lowest slots that no existing pod, terminating ones included, has taken.
  package static func free(
    _ count: Int, workflow: String, uid: String, revision: String, taken: Set<String>
  ) -> [String] {
    var names: [String] = []
    var slot = 0
    while names.count < count {
      let name = name(workflow: workflow, uid: uid, revision: revision, slot: slot)
      if !taken.contains(name) { names.append(name) }
      slot += 1
    }
    return names
  }
}
