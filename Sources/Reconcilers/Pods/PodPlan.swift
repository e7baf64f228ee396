package import FoundationEssentials

/// One step towards the wanted pods.
package struct PodPlan: Sendable, Hashable {
  package var adoptions: [ExecutorPod] = []
  package var removals: [Removal] = []
  package var creations = 0
  /// Creations that are wanted and have to wait.
  package var blockedCreations = 0
  package var isRolling = false
  package var counts = PodCounts()
  /// After how many seconds to look again, if nothing happens before.
  package private(set) var lookAgain: TimeInterval?

  package struct Removal: Sendable, Hashable {
    package enum Reason: Sendable, Hashable {
      /// It has failed or ended by itself.
      case ended
      case scaledDown
      /// A pod of the current revision takes its place.
      case replaced
    }

    package var pod: ExecutorPod
    package var reason: Reason

    package init(pod: ExecutorPod, reason: Reason) {
      self.pod = pod
      self.reason = reason
    }
  }

  package init() {}

  /// Whether it was chosen which of several pods that can hold sessions goes, so that their load is worth asking for.
  package var needsLoad: Bool { removals.contains { $0.reason != .ended && $0.pod.isReady } }

  mutating func remove(_ pods: [ExecutorPod], reason: Removal.Reason) {
    removals += pods.map { Removal(pod: $0, reason: reason) }
  }

  mutating func look(again wait: TimeInterval) {
    lookAgain = min(lookAgain ?? .infinity, max(wait, 0.05))
  }
}

/// The pods of a workflow by how far they are. Terminating and ended ones do not count.
package struct PodCounts: Sendable, Hashable {
  package var active = 0
  package var ready = 0
  package var updated = 0
  package var available = 0

  package init(active: Int = 0, ready: Int = 0, updated: Int = 0, available: Int = 0) {
    self.active = active
    self.ready = ready
    self.updated = updated
    self.available = available
  }
}
