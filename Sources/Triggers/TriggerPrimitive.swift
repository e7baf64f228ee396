package import Dataflow

/// A primitive's state: facts in, a verdict out. One type for each primitive, each in its own file.
///
/// A trigger's host (the session, or for triggers that gather across sessions the pod) holds every object for the trigger
/// until a verdict releases it, so that each has to be released exactly once: by the time the bucket has closed, or across
/// sessions when it is idle. Facts come in any order, except that `began` comes first, if at all, `bucketIdle` comes right
/// before `bucketClosed`, and nothing comes after that. The same facts have to lead to the same verdicts.
/// `Tests/TriggersTests/Conformance` holds every primitive to it, and CONTRIBUTING says how to add one.
package protocol TriggerPrimitive: Sendable {
  /// The trigger is in force from now on. Only triggers that gather across sessions are told.
  mutating func began(now: Moment) -> TriggerVerdict

  /// A new object has become visible in the trigger's bucket.
  mutating func objectArrived(_ object: ObjectReference, now: Moment) -> TriggerVerdict

  /// A function that announces for the trigger has committed, and announced these keys (perhaps none).
  mutating func announced(_ keys: [Label]) -> TriggerVerdict

  /// The stage of the functions that the trigger names (`announcedBy`, `sources`) is over: nothing live can reach them.
  mutating func stageEnded() -> TriggerVerdict

  /// Nothing live can reach the bucket, unless what this trigger fires does: what is held back for company goes now.
  mutating func bucketIdle() -> TriggerVerdict

  /// Nothing can reach the bucket any more. The primitive is not asked again.
  mutating func bucketClosed() -> TriggerVerdict

  /// The time that `due` named has come.
  mutating func timeCame(now: Moment) -> TriggerVerdict

  /// When it wants to be told the time, on the monotonic clock.
  var due: Duration? { get }

  /// What it waits for; nil once it will fire no more. People who ask why nothing happens are told.
  var awaited: Awaited? { get }

  /// Whether it has begun to wait for something of its own, such as the rest of a set: then the session stalls if the bucket
  /// closes, and says what is awaited. A branch that was not taken is not incomplete.
  var isIncomplete: Bool { get }

  /// How many objects it holds.
  var heldCount: Int { get }
}

extension TriggerPrimitive {
  package mutating func began(now: Moment) -> TriggerVerdict { .wait }
  package mutating func announced(_ keys: [Label]) -> TriggerVerdict { .wait }
  package mutating func stageEnded() -> TriggerVerdict { .wait }
  package mutating func bucketIdle() -> TriggerVerdict { .wait }
  package mutating func bucketClosed() -> TriggerVerdict { .wait }
  package mutating func timeCame(now: Moment) -> TriggerVerdict { .wait }
  package var due: Duration? { nil }
  package var isIncomplete: Bool { false }
  package var heldCount: Int { 0 }
}
