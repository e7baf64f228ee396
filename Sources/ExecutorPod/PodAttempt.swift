package import Triggers

/// One attempt that is queued or runs.
package struct PodAttempt: Sendable {
  package var session: String
  package var attempt: Attempt
  package var function: String
  package var executor: UInt32?
  /// Nobody needs its result any more; it still holds its executor.
  package var isAbandoned = false
  /// It was refused memory to let older sessions through: its failure is none of its own.
  package var gaveWay = false

  var name: PodSession.AttemptName { .init(invocation: attempt.invocation, attempt: attempt.attempt) }
}
