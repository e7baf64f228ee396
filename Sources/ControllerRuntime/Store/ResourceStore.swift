package import KubernetesAPI
import Synchronization

/// A cache of the objects of one type, filled by one reflector. Reads never reach the API.
///
/// What is read may be a moment old: writes carry the version they started from, and a conflict says to look again.
package final class ResourceStore: Sendable {
  /// Names an object's values in an index, such as the uid of its owner.
  package typealias Indexer = @Sendable (KubernetesObject) -> [String]

  private struct State {
    var contents: StoreContents
    var feeds: [WeakFeed] = []
    var isSynced = false
    var syncWaiters: [Int: CheckedContinuation<Void, any Error>] = [:]
    var nextWaiter = 0
  }

  private struct WeakFeed: Sendable {
    weak let feed: ChangeFeed?
  }

  private let state: Mutex<State>

  /// What is kept of an object.
  private let transform: @Sendable (KubernetesObject) -> KubernetesObject

  /// - Parameter transform: takes away what no reader needs, for it costs memory as long as the object lives. Indexes see
  ///   what is left. `managedFields` always go.
  package init(
    indexes: [String: Indexer] = [:],
    transform: @escaping @Sendable (KubernetesObject) -> KubernetesObject = { $0 }
  ) {
    state = Mutex(State(contents: StoreContents(indexers: indexes)))
    self.transform = transform
  }

  deinit {
    for waiter in state.withLock({ $0.syncWaiters.values }) { waiter.resume(throwing: CancellationError()) }
    for feed in state.withLock({ $0.feeds }) { feed.feed?.close() }
  }

  // MARK: - Reading

  package func get(_ key: ObjectKey) -> KubernetesObject? { state.withLock { $0.contents.objects[key] } }

  /// Sorted by key. A nil namespace means all of them.
  package func list(namespace: String? = nil) -> [KubernetesObject] {
    let all = state.withLock { Array($0.contents.objects.values) }
    return Self.sorted(namespace == nil ? all : all.filter { $0.namespace == namespace })
  }

  /// The objects to which an index gives a value, sorted by key.
  package func list(index: String, value: String) -> [KubernetesObject] {
    Self.sorted(
      state.withLock { state in
        state.contents.keys(index: index, value: value).compactMap { state.contents.objects[$0] }
      })
  }

  /// Begins with what is in the store. Held for one reader at a time; bounded, because a key that changes again before
  /// it was read stays one change.
  package func changes() -> AsyncStream<StoreChange> {
    let feed = state.withLock { state in
      let feed = ChangeFeed(existing: Self.sorted(Array(state.contents.objects.values)))
      state.feeds.removeAll { $0.feed == nil }
      state.feeds.append(WeakFeed(feed: feed))
      return feed
    }
    return AsyncStream {
      await feed.next()
    } onCancel: {
      feed.close()
    }
  }

  /// Whether the first list has been read.
  package var isSynced: Bool { state.withLock { $0.isSynced } }

  /// Returns when the first list has been read.
  package func waitUntilSynced() async throws {
    let id = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let outcome: Result<Void, any Error>? = state.withLock { state in
          if state.isSynced { return .success(()) }
          if Task.isCancelled { return .failure(CancellationError()) }
          state.syncWaiters[id] = continuation
          return nil
        }
        if let outcome { continuation.resume(with: outcome) }
      }
    } onCancel: {
      state.withLock { $0.syncWaiters.removeValue(forKey: id) }?.resume(throwing: CancellationError())
    }
  }

  // MARK: - Filling

  /// A list was read: it is everything there is.
  package func replaceAll(_ objects: [KubernetesObject]) {
    let waiters = state.withLock { state in
      let changes = state.contents.replaceAll(objects.map(slim))
      for feed in state.feeds { feed.feed?.add(changes) }
      state.isSynced = true
      defer { state.syncWaiters = [:] }
      return state.syncWaiters.values
    }
    for waiter in waiters { waiter.resume() }
  }

  package func set(_ object: KubernetesObject) {
    state.withLock { state in tell(state.contents.set(slim(object)), &state) }
  }

  package func remove(_ key: ObjectKey) {
    state.withLock { state in tell(state.contents.remove(key), &state) }
  }

  /// Under the lock, so that every reader hears of changes in their order.
  private func tell(_ change: StoreChange?, _ state: inout State) {
    guard let change else { return }
    for feed in state.feeds { feed.feed?.add([change]) }
  }

  /// `managedFields` are half of an object's size and of no use to a reader.
  private func slim(_ object: KubernetesObject) -> KubernetesObject {
    var object = object
    if object["metadata", "managedFields"] != nil { object["metadata", "managedFields"] = nil }
    return transform(object)
  }

  private static func sorted(_ objects: [KubernetesObject]) -> [KubernetesObject] {
    objects.sorted { $0.key < $1.key }
  }
}
