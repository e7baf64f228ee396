import KubernetesAPI
import Synchronization

/// Lets only so many workflows at a time replace their pods because of a new sidecar image, so that an upgrade of the
/// operator does not restart a whole cluster at once. Rollouts that a user asked for are not held back.
package final class RolloutGate: Sendable {
  private let limit: Int
  private let rolling = Mutex<Set<String>>([])

  package init(limit: Int) { self.limit = max(limit, 1) }

  /// Whether the workflow with this uid may roll now. One that may keeps its place until it calls `leave`.
  package func enter(_ uid: String) -> Bool {
    rolling.withLock { rolling in
      if rolling.contains(uid) { return true }
      guard rolling.count < limit else { return false }
      rolling.insert(uid)
      return true
    }
  }

  package func leave(_ uid: String) {
    rolling.withLock { _ = $0.remove(uid) }
  }
}
