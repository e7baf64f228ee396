import FoundationEssentials
import KubernetesAPI
import Synchronization

/// One open watch: a bounded queue between the storage and a connection. A client that is too slow for it is cut off
/// with 410, so that it lists again.
final class WatchSubscription: Sendable {
  static let bufferLimit = 1024

  enum Item: Sendable {
    case change(Change)
    case bookmark(revision: UInt64)
  }

  let plan: WatchPlan
  let deadline: Date
  let items: AsyncStream<Item>
  private let continuation: AsyncStream<Item>.Continuation
  private let overflow = Mutex(false)

  init(plan: WatchPlan, now: Date, bufferLimit: Int = WatchSubscription.bufferLimit) {
    self.plan = plan
    let seconds = Double(plan.timeout.components.seconds)
    deadline = now.addingTimeInterval(seconds)
    (items, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(bufferLimit))
  }

  var hasOverflown: Bool { overflow.withLock { $0 } }

  func offer(_ change: Change) {
    guard change.storage == plan.filter.kind.storage,
      plan.filter.namespace == nil || plan.filter.namespace == change.key.namespace
    else { return }
    if case .dropped = continuation.yield(.change(change)) {
      overflow.withLock { $0 = true }
      continuation.finish()
    }
  }

  /// A bookmark that finds no room is not missed: a change will say the same.
  func offerBookmark(_ revision: UInt64) {
    if plan.sendsBookmarks { continuation.yield(.bookmark(revision: revision)) }
  }

  func close() { continuation.finish() }
}
