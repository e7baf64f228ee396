package import Dataflow

/// What the interpreter has to do for a session. Actions are carried out in their order.
package enum SessionAction: Sendable, Hashable, Codable {
  /// Give this attempt to an executor as soon as one is free.
  case enqueue(Attempt)
  /// Nobody needs the attempt any more: take it out of the queue, or tell the executor that runs it.
  case withdraw(invocation: Int, attempt: Int)
  /// Apply `retryDue` after this time.
  case scheduleRetry(invocation: Int, after: Duration)
  /// Apply `recoveryDue` after this time.
  case scheduleRecovery(invocation: Int, attempt: Int, after: Duration)
  /// The object goes to a trigger that gathers across sessions, which needs a hold of its own on it.
  case handOver(trigger: Int, ObjectReference)
  /// The session needs the object's bytes no more.
  case release(handle: UInt64)
  /// The session is over. Its outputs are held until it is forgotten.
  case end(SessionOutcome)
}

/// One attempt to run one function on one list of objects.
package struct Attempt: Sendable, Hashable, Codable {
  /// Number of the invocation within its session, from 0.
  package var invocation: Int
  /// From 1.
  package var attempt: Int
  /// Index of the function in the plan.
  package var function: Int
  package var firing: Label
  package var inputs: [ObjectReference]
}

/// How a session ended.
package struct SessionOutcome: Sendable, Hashable, Codable {
  package enum State: String, Sendable, Hashable, Codable { case succeeded, failed, stalled, timedOut, cancelled }

  package var state: State
  /// Empty when it succeeded.
  package var message: String
}
