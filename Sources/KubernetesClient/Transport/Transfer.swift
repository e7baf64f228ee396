import Synchronization

/// One exchange, shared between the task that reads it and the thread that runs it.
final class Transfer: Sendable {
  let specification: TransferSpecification
  private let state: Mutex<State>

  private struct State {
    var headers = HeaderAccumulator()
    var buffer: ResponseBuffer
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  init(_ specification: TransferSpecification) {
    self.specification = specification
    state = Mutex(State(buffer: ResponseBuffer(capacity: specification.limits.bufferBytes)))
  }

  // MARK: - The thread's side

  /// False refuses the answer.
  func headerLineArrived(_ line: String) -> Bool {
    update { state in
      switch state.headers.lineArrived(line) {
      case .more: return (true, false)
      case .refused: return (false, false)
      case .complete(let head):
        state.buffer.headArrived(head)
        return (true, true)
      }
    }
  }

  /// False asks to pause.
  func bytesArrived(_ chunk: [UInt8]) -> Bool {
    update { state in
      let accepted = state.buffer.bytesArrived(chunk)
      return (accepted, accepted)
    }
  }

  /// Returns whether this outcome is the one that counts.
  @discardableResult
  func finish(_ result: Result<Void, TransferError>) -> Bool {
    update { state in
      let isFirst = state.buffer.finished(result)
      return (isFirst, isFirst)
    }
  }

  var isFinished: Bool { state.withLock { $0.buffer.outcome != nil } }

  // MARK: - The reader's side

  func takeHead() -> Result<HTTPResponseHead, TransferError>? { state.withLock { $0.buffer.takeHead() } }

  func take() -> ResponseBuffer.Take { state.withLock { $0.buffer.take() } }

  /// Returns when `isReady` may have become true; the check and the wait are one step, so that no news is missed.
  func waitForNews(unless isReady: (borrowing ResponseBuffer) -> Bool) async {
    await withCheckedContinuation { continuation in
      let ready = state.withLock { state in
        if state.buffer.outcome != nil || isReady(state.buffer) { return true }
        state.waiters.append(continuation)
        return false
      }
      if ready { continuation.resume() }
    }
  }

  /// Changes the state under the lock and wakes the readers outside it.
  private func update<Value>(_ body: (inout State) -> (Value, news: Bool)) -> Value {
    let (value, waiters) = state.withLock { state in
      let (value, news) = body(&state)
      guard news else { return (value, [CheckedContinuation<Void, Never>]()) }
      defer { state.waiters = [] }
      return (value, state.waiters)
    }
    for waiter in waiters { waiter.resume() }
    return value
  }
}
