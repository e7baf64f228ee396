/// Something that is to be done at a time.
package struct PodTimer: Sendable, Comparable {
  package enum Purpose: Sendable, Hashable {
    case sessionTimeout(SessionTable.Key)
    case retry(session: SessionTable.Key, invocation: Int)
    case recovery(session: SessionTable.Key, invocation: Int, attempt: Int)
    /// An attempt that takes too long, or that was cancelled and does not end.
    case attemptTimeout(AttemptTable.Key)
    case cancellationGrace(AttemptTable.Key)
    case retention(SessionTable.Key)
    /// A batch or window that gathers across sessions.
    case gathering
    /// How executors have ended is not waited for any longer.
    case endings
    case load
  }

  /// Monotonic.
  package var deadline: Duration
  package var order: UInt64
  package var purpose: Purpose

  package static func < (one: PodTimer, other: PodTimer) -> Bool {
    (one.deadline, one.order) < (other.deadline, other.order)
  }

  package static func == (one: PodTimer, other: PodTimer) -> Bool { one.order == other.order }
}
