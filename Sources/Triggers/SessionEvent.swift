/// A fact that a session's engine is told. All that it decides follows from its plan and these, so that a session whose
/// events were recorded can be run again.
package enum SessionEvent: Sendable, Hashable, Codable {
  // How a session begins: with exactly one of these.

  /// The request's payload goes to a function.
  case requested(function: Int, payload: UInt64)
  /// The request's payload becomes an object of a bucket.
  case enteredBucket(bucket: Int, key: String, group: String?, payload: UInt64)
  /// A trigger that gathers across sessions has fired on these objects, and this session is to run its target.
  case derived(trigger: Int, firing: String, inputs: [ObjectReference])

  /// An executor has begun to run the attempt.
  case attemptStarted(invocation: Int, attempt: Int, executor: String)
  /// A running attempt of a function with `publish: Immediately` has put an object.
  case objectPublished(invocation: Int, attempt: Int, Commit.Put)
  /// An attempt has ended well, and its objects' bytes are sound.
  case attemptCommitted(invocation: Int, attempt: Int, Commit)
  /// The handler threw or took too long, or its executor died.
  case attemptFailed(invocation: Int, attempt: Int, message: String, isRetryable: Bool)
  /// The attempt was given back before its handler began, or it was abandoned to make room. That does not count as an attempt.
  case attemptReturned(invocation: Int, attempt: Int)
  /// A back-off is over.
  case retryDue(invocation: Int)
  /// The attempt has taken so long, if it still runs, that a trigger wants a second one beside it.
  case recoveryDue(invocation: Int, attempt: Int)

  case cancelled
  /// The session has taken as long as it may: the plan's limit, or less if its request said so.
  case timedOut(after: Duration)
}
