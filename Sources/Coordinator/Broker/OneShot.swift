import Synchronization

/// A value that comes once, for one reader.
package final class OneShot<Value: Sendable>: Sendable {
  private enum State {
    case empty
    case awaited(CheckedContinuation<Value, any Error>)
    case ready(Result<Value, any Error>)
    case done
  }

  private let state = Mutex(State.empty)

  package init() {}

  /// The first call counts, later ones do nothing.
  package func fulfil(_ result: Result<Value, any Error>) {
    let continuation: CheckedContinuation<Value, any Error>? = state.withLock { state in
      switch state {
      case .empty:
        state = .ready(result)
        return nil
      case .awaited(let continuation):
        state = .done
        return continuation
      case .ready, .done: return nil
      }
    }
    continuation?.resume(with: result)
  }

  /// Waits for the value, at most as long as `limit`; nil when that has passed.
  package func value(within limit: Duration) async throws -> Value? {
    try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask { try await self.value() }
      group.addTask {
        try await Task.sleep(for: limit)
        return nil
      }
      defer { group.cancelAll() }
      return try await group.next() ?? nil
    }
  }

  private func value() async throws -> Value {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
        let result: Result<Value, any Error>? = state.withLock { state in
          switch state {
          case .empty:
            state = .awaited(continuation)
            return nil
          case .ready(let result):
            state = .done
            return result
          case .awaited, .done: return .failure(CancellationError())
          }
        }
        if let result { continuation.resume(with: result) }
      }
    } onCancel: {
      fulfil(.failure(CancellationError()))
    }
  }
}
