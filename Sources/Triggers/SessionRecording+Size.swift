import Dataflow

/// About how much memory a step of a recording takes.
extension SessionEvent {
  var byteCount: Int {
    switch self {
    case .enteredBucket(_, let key, let group, _): key.utf8.count + (group?.utf8.count ?? 0)
    case .derived(_, let firing, let inputs): firing.utf8.count + inputs.byteCount
    case .attemptStarted(_, _, let text), .attemptFailed(_, _, let text, _): text.utf8.count
    case .objectPublished(_, _, let put): put.byteCount
    case .attemptCommitted(_, _, let commit):
      commit.puts.reduce(0) { $0 + $1.byteCount } + commit.calls.reduce(0) { $0 + $1.byteCount }
        + commit.announcements.reduce(0) { $0 + $1.keys.reduce(32) { $0 + 16 + $1.utf8.count } }
        + commit.outputs.reduce(0) { $0 + 32 + $1.name.utf8.count }
    case .requested, .attemptReturned, .retryDue, .recoveryDue, .cancelled, .timedOut: 0
    }
  }
}

extension SessionAction {
  var byteCount: Int {
    let text =
      switch self {
      case .enqueue(let attempt): attempt.firing.byteCount + attempt.inputs.byteCount
      case .handOver(_, let object): [object].byteCount
      case .end(let outcome): outcome.message.utf8.count
      case .withdraw, .scheduleRetry, .scheduleRecovery, .release: 0
      }
    return MemoryLayout<SessionAction>.stride + text
  }
}

extension [ObjectReference] {
  fileprivate var byteCount: Int {
    reduce(0) { $0 + MemoryLayout<ObjectReference>.stride + $1.key.byteCount + ($1.group?.utf8.count ?? 0) }
  }
}

extension Commit.Put {
  fileprivate var byteCount: Int { MemoryLayout<Self>.stride + key.byteCount + (group?.utf8.count ?? 0) }
}

extension Commit.Call {
  fileprivate var byteCount: Int { MemoryLayout<Self>.stride + key.byteCount + (group?.utf8.count ?? 0) }
}
