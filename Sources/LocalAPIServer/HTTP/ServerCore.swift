import FoundationEssentials
import KubernetesAPI
import Synchronization

/// Holds the state, and hands every change to the watches, in one critical section.
final class ServerCore: Sendable {
  private struct State {
    var cluster: ClusterState
    var subscriptions: [UInt64: WatchSubscription] = [:]
    var nextSubscription: UInt64 = 0
    var ticks = 0
    var isClosed = false
  }

  /// Seconds between bookmarks.
  private static let bookmarkPeriod = 20

  private let state: Mutex<State>
  private let audit: AuditLog?

  init(cluster: ClusterState, audit: AuditLog? = nil) {
    state = Mutex(State(cluster: cluster))
    self.audit = audit
  }

  enum Reply: Sendable {
    case answer(Answer)
    case watch(WatchSubscription, id: UInt64)

    /// Of the answer's beginning: what comes later from a node or in a stream is not known here.
    var code: Int {
      switch self {
      case .answer(.document(let code, _, _, _)), .answer(.text(let code, _)): code
      case .answer(.portForward): 101
      case .answer, .watch: 200
      }
    }
  }

  func handle(_ request: APIRequest, now: Date) -> Reply {
    let reply = prepare(request, now: now)
    audit?.record(AuditEntry(request, code: reply.code), at: now)
    return reply
  }

  /// Like `handle`, for what is no request of a client.
  func prepare(_ request: APIRequest, now: Date) -> Reply {
    state.withLock { state in
      let outcome = state.cluster.handle(request, now: now)
      Self.announce(outcome.changes, in: &state)
      guard case .watch(let plan) = outcome.answer else { return .answer(outcome.answer) }
      let subscription = WatchSubscription(plan: plan, now: now)
      let id = state.nextSubscription
      state.nextSubscription += 1
      if state.isClosed || plan.failure != nil {
        subscription.close()
      } else {
        state.subscriptions[id] = subscription
      }
      return .watch(subscription, id: id)
    }
  }

  func endWatch(_ id: UInt64) {
    let gone = state.withLock { $0.subscriptions.removeValue(forKey: id) }
    gone?.close()
  }

  /// Once a second.
  func tick(now: Date) {
    state.withLock { state in
      Self.announce(state.cluster.tick(now: now), in: &state)
      state.ticks += 1
      let isBookmarkTime = state.ticks % Self.bookmarkPeriod == 0
      for (id, subscription) in state.subscriptions {
        if subscription.deadline <= now {
          subscription.close()
          state.subscriptions[id] = nil
        } else if isBookmarkTime {
          subscription.offerBookmark(state.cluster.revision)
        }
      }
    }
  }

  /// Ends all watches, and later ones at once: the server is going away.
  func close() {
    state.withLock { state in
      state.isClosed = true
      for subscription in state.subscriptions.values { subscription.close() }
      state.subscriptions = [:]
    }
  }

  private static func announce(_ changes: [Change], in state: inout State) {
    for change in changes {
      for subscription in state.subscriptions.values { subscription.offer(change) }
    }
  }
}
