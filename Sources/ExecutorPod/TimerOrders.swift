import Dataflow

/// The order of each timer that is in use. Those that every session or attempt has are found by its key's number.
struct TimerOrders: Sendable {
  private var sessionTimeouts = NumberTable<UInt64>()
  private var retentions = NumberTable<UInt64>()
  private var attemptTimeouts = NumberTable<UInt64>()
  private var others: [PodTimer.Purpose: UInt64] = [:]

  var count: Int { sessionTimeouts.count + retentions.count + attemptTimeouts.count + others.count }

  /// Whether an invocation waits for its next attempt.
  var hasRetries: Bool {
    others.keys.contains { purpose in
      if case .retry = purpose { true } else { false }
    }
  }

  subscript(purpose: PodTimer.Purpose) -> UInt64? {
    get {
      switch purpose {
      case .sessionTimeout(let session): sessionTimeouts[session.rawValue]
      case .retention(let session): retentions[session.rawValue]
      case .attemptTimeout(let attempt): attemptTimeouts[attempt.rawValue]
      case .retry, .recovery, .cancellationGrace, .gathering, .endings, .load: others.isEmpty ? nil : others[purpose]
      }
    }
    set {
      switch purpose {
      case .sessionTimeout(let session): sessionTimeouts[session.rawValue] = newValue
      case .retention(let session): retentions[session.rawValue] = newValue
      case .attemptTimeout(let attempt): attemptTimeouts[attempt.rawValue] = newValue
      case .retry, .recovery, .cancellationGrace, .gathering, .endings, .load: others[purpose] = newValue
      }
    }
  }
}
