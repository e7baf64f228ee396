import Synchronization

/// A port that becomes known once, for any number of those who wait.
final class BoundPort: Sendable {
  private enum State {
    case waiting([CheckedContinuation<Int, any Error>])
    case settled(Result<Int, any Error>)
  }

  private let state = Mutex(State.waiting([]))

  func settle(_ result: Result<Int, any Error>) {
    let waiters = state.withLock { state -> [CheckedContinuation<Int, any Error>] in
      guard case .waiting(let waiters) = state else { return [] }
      state = .settled(result)
      return waiters
    }
    for waiter in waiters { waiter.resume(with: result) }
  }

  func value() async throws -> Int {
    try await withCheckedThrowingContinuation { continuation in
      let result = state.withLock { state -> Result<Int, any Error>? in
        switch state {
        case .waiting(let waiters):
          state = .waiting(waiters + [continuation])
          return nil
        case .settled(let result): return result
        }
      }
      if let result { continuation.resume(with: result) }
    }
  }
}
