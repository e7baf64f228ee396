package import KubernetesClient
import Synchronization
package import Telemetry

/// Items to work on, each by one worker at a time, without duplicates, failing ones ever later.
package final class WorkQueue<Item: Hashable & Sendable>: Sendable {
  private struct State {
    var machine: WorkQueueStateMachine<Item>
    var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    var nextWaiter = 0
    /// Counts what may be news to a waiter, so that none is missed between looking and waiting.
    var news = 0
  }

  private let state: Mutex<State>

  /// `backoff` is that of each item, `retries` the rate of all together.
  package init(backoff: Backoff = .workQueue, retries: TokenBucket = .workQueueRetries) {
    state = Mutex(State(machine: WorkQueueStateMachine(backoff: backoff, retries: retries)))
  }

  /// Items that are waiting or delayed.
  package var count: Int { state.withLock { $0.machine.count } }

  /// How long items could be worked on before a worker took them, in seconds.
  package var waits: Histogram { state.withLock { $0.machine.waits } }

  package func add(_ item: Item) { change { $0.add(item, now: .now) } }

  package func add(_ item: Item, after delay: Duration) { change { $0.add(item, after: delay, now: .now) } }

  /// Adds it after a wait that grows with every call until `forget`. Returns the wait.
  @discardableResult
  package func addRateLimited(_ item: Item) -> Duration {
    change { $0.addRateLimited(item, now: .now, random: .random(in: 0..<1)) }
  }

  package func forget(_ item: Item) { state.withLock { $0.machine.forget(item) } }

  /// The worker is done with an item that `next` gave it.
  package func done(_ item: Item) { change { $0.done(item, now: .now) } }

  /// What waits is given up and `next` returns nil.
  package func shutDown() { change { $0.shutDown() } }

  /// The next item; nil after `shutDown` or when the task is cancelled. Call `done` when finished with it.
  package func next() async -> Item? {
    while !Task.isCancelled {
      let (next, news) = state.withLock { ($0.machine.next(now: .now), $0.news) }
      switch next {
      case .item(let item): return item
      case .shutDown: return nil
      case .wait(nil): await waitForNews(after: news)
      case .wait(let deadline?):
        await withTaskGroup { group in
          group.addTask { try? await Task.sleep(until: deadline, clock: .continuous) }
          group.addTask { await self.waitForNews(after: news) }
          await group.next()
          group.cancelAll()
        }
      }
    }
    return nil
  }

  private func waitForNews(after seen: Int) async {
    let id = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isReady = state.withLock { state in
          if state.news != seen || Task.isCancelled { return true }
          state.waiters[id] = continuation
          return false
        }
        if isReady { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
    }
  }

  private func change<Value>(_ body: (inout WorkQueueStateMachine<Item>) -> Value) -> Value {
    let (value, waiters) = state.withLock { state in
      let value = body(&state.machine)
      state.news += 1
      defer { state.waiters = [:] }
      return (value, state.waiters.values)
    }
    for waiter in waiters { waiter.resume() }
    return value
  }
}
