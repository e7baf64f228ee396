/// A primitive's state in one session: facts in, a verdict out. One type for each primitive, each in its own file.
///
/// The engine holds every object for each trigger of its bucket until that trigger has fired on it, ignored it, or closed.
package protocol TriggerPrimitive: Sendable {
  /// A new object has become visible in the trigger's bucket.
  mutating func objectArrived(_ object: ObjectReference) -> TriggerVerdict

  /// An announcer has committed, and announced these keys (perhaps none) for the bucket.
  mutating func announced(_ keys: [String]) -> TriggerVerdict

  /// Nothing that is live can reach an announcer any more.
  mutating func announcersFinished() -> TriggerVerdict

  /// Nothing can reach the bucket any more. The primitive is not asked again.
  mutating func bucketClosed() -> TriggerVerdict

  /// What keeps it from firing, if it has begun to wait: keys, or words.
  var lacks: [String] { get }

  /// How many objects it holds.
  var heldCount: Int { get }
}

/// What a trigger does about a fact.
package struct TriggerVerdict: Sendable, Hashable {
  /// One list of inputs for each firing, in order.
  package var firings: [[ObjectReference]]
  /// Objects that the trigger needs no more, those it fires on included.
  package var released: [ObjectReference]

  package init(firings: [[ObjectReference]] = [], released: [ObjectReference] = []) {
    self.firings = firings
    self.released = released
  }

  /// Nothing to do: an object that has just arrived is kept.
  package static let wait = TriggerVerdict()

  /// Fires once, on these objects.
  package static func fire(_ objects: [ObjectReference]) -> TriggerVerdict {
    TriggerVerdict(firings: [objects], released: objects)
  }

  /// Takes no part in what becomes of the object.
  package static func ignore(_ object: ObjectReference) -> TriggerVerdict { TriggerVerdict(released: [object]) }
}

extension TriggerPrimitive {
  package mutating func announced(_ keys: [String]) -> TriggerVerdict { .wait }
  package mutating func announcersFinished() -> TriggerVerdict { .wait }
  package mutating func bucketClosed() -> TriggerVerdict { .wait }
  package var lacks: [String] { [] }
  package var heldCount: Int { 0 }
}
