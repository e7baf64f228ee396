package import Triggers

/// Attempts by the number under which executors know them.
package typealias AttemptTable = SlotTable<PodAttempt>

/// One attempt that is queued or runs.
package struct PodAttempt: Sendable {
  package var session: SessionTable.Key
  /// Those that were queued later have a higher one.
  package var order: UInt64
  package var attempt: Attempt
  package var function: String
  package var executor: UInt32?
  /// Nobody needs its result any more; it still holds its executor.
  package var isAbandoned = false
  /// It was refused memory to let older sessions through: its failure is none of its own.
  package var gaveWay = false

  package init(session: SessionTable.Key, order: UInt64, attempt: Attempt, function: String) {
    self.session = session
    self.order = order
    self.attempt = attempt
    self.function = function
  }

  var name: PodSession.AttemptName { .init(invocation: attempt.invocation, attempt: attempt.attempt) }
}
