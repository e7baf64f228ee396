import KubernetesAPI
import Synchronization

/// One reader's view of the changes of a store. However slow the reader, it holds one change per key at most.
final class ChangeFeed: Sendable {
  private struct State {
    var pending = PendingChanges()
    var waiter: CheckedContinuation<Void, Never>?
    var isClosed = false
  }

  private let state: Mutex<State>

  init(existing: some Sequence<KubernetesObject>) {
    var initial = State()
    for object in existing { initial.pending.add(StoreChange(key: object.key, old: nil, new: object)) }
    state = Mutex(initial)
  }

  func add(_ changes: [StoreChange]) {
    wake { state in for change in changes { state.pending.add(change) } }
  }

  func close() { wake { $0.isClosed = true } }

  func next() async -> StoreChange? {
    while true {
      let (change, isClosed) = state.withLock { ($0.pending.takeFirst(), $0.isClosed) }
      if let change, !isClosed { return change }
      if isClosed || Task.isCancelled { return nil }
      await wait()
    }
  }

  private func wait() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isReady = state.withLock { state in
          if !state.pending.isEmpty || state.isClosed || Task.isCancelled { return true }
          state.waiter = continuation
          return false
        }
        if isReady { continuation.resume() }
      }
    } onCancel: {
      close()
    }
  }

  private func wake(_ change: (inout State) -> Void) {
    let waiter = state.withLock { state in
      change(&state)
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume()
  }
}
