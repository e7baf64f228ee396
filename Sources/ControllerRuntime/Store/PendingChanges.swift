import DequeModule
import KubernetesAPI

/// Changes that a reader has not yet seen: at most one for each key, in the order in which the keys first changed.
struct PendingChanges {
  private var order: Deque<ObjectKey> = []
  private var changes: [ObjectKey: StoreChange] = [:]

  var isEmpty: Bool { changes.isEmpty }
  var count: Int { changes.count }

  mutating func add(_ change: StoreChange) {
    guard let earlier = changes[change.key] else {
      changes[change.key] = change
      order.append(change.key)
      return
    }
    if earlier.old == nil, change.new == nil {
      // It came and went unseen.
      changes[change.key] = nil
      if let index = order.firstIndex(of: change.key) { order.remove(at: index) }
    } else {
      changes[change.key]?.new = change.new
    }
  }

  mutating func takeFirst() -> StoreChange? {
    order.popFirst().flatMap { changes.removeValue(forKey: $0) }
  }
}
