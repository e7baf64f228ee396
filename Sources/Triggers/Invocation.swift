import Dataflow

/// One firing's work, through all of its attempts. It is *live* until it is committed, has failed for good or is not needed
/// any more: while attempts are queued or run, and between them while it backs off.
struct Invocation: Sendable {
  var name: InvocationName
  var firing: Label
  var inputs: [ObjectReference]
  var attempts = LiveAttempts()
  /// Attempts that were ever made, those that were given back not counted again.
  var attemptCount = 0
  /// Those of them that failed.
  var failureCount = 0
  /// Second attempts that recovery has started.
  var recoveryCount = 0
  /// What attempts have published before the commit; nil while that is nothing.
  var published: Published?

  struct Published: Sendable {
    /// The buckets.
    var buckets: Set<Int> = []
    /// By bucket the indices of default keys: the next attempt puts them again. Of other keys it is remembered who put them
    /// anyway.
    var indices: [Int: IndexRuns] = [:]
  }

  func isRunning(_ attempt: Int) -> Bool {
    for live in attempts where live.number == attempt && live.isRunning { return true }
    return false
  }
}

/// How people call an invocation, such as `count#3`: its function and its number among the function's invocations.
/// Kept as two numbers, since every entry of every log has one.
package struct InvocationName: Sendable, Hashable {
  /// Index in the plan; negative for the request itself.
  package var function: Int32
  package var number: Int32

  static let request = InvocationName(function: -1, number: 0)

  func text(in plan: CompiledPlan) -> String {
    function < 0 ? "the request" : "\(plan.plan.functions[Int(function)].name)#\(number)"
  }
}
