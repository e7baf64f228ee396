import Dataflow
import Wire

/// What a handler knows of its invocation, and how it answers. All of it may be used from child tasks.
///
/// Keys, groups and names of outputs are any texts of at most 1,024 bytes of UTF-8; a key must not be empty. Objects may
/// be empty. The names of what one invocation puts, calls, announces and outputs may take 16 MiB, with 64 bytes more for
/// each; what is published immediately does not count.
public struct FunctionContext: Sendable {
  let attempt: Attempt

  /// The objects that this invocation was given.
  public let inputs: Inputs

  /// The function's name.
  public var function: String { attempt.invoke.function }
  /// The session that the invocation belongs to.
  public var session: String { attempt.invoke.session }
  /// The same for every attempt of this invocation, and different for all others: an idempotency key for effects
  /// outside.
  public var firing: String { attempt.invoke.firing.text }
  /// Which attempt this is, from 1.
  public var attemptNumber: Int { Int(attempt.invoke.attempt) }
  /// When the attempt will be given up, if there is a limit.
  public var deadline: ContinuousClock.Instant? { attempt.deadline }
  /// Whether nobody needs this attempt any more: its session has ended, another attempt was first, or all that it
  /// could lead to is satisfied. The handler's task is cancelled too, so that `Task.checkCancellation`, cancellable
  /// waits and `withTaskCancellationHandler` work, and a put that waits for memory throws. A handler that has not
  /// returned 5 s later is ended with its process.
  public var isCancelled: Bool { attempt.isCancelled }
}
