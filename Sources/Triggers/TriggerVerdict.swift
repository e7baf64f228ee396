/// What a trigger does about a fact.
package struct TriggerVerdict: Sendable, Hashable {
  /// One list of inputs for each firing, in order.
  package var firings: [[ObjectReference]]
  /// Objects that the trigger needs no more, those it fires on included.
  package var released: [ObjectReference]
  /// The object came after the trigger had fired or given up, and is told of to those who ask.
  package var isLate = false

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

  /// Would have taken the object, had it come earlier.
  package static func late(_ object: ObjectReference) -> TriggerVerdict {
    var verdict = TriggerVerdict(released: [object])
    verdict.isLate = true
    return verdict
  }

  /// This one, then the other.
  package static func + (first: TriggerVerdict, second: TriggerVerdict) -> TriggerVerdict {
    var sum = TriggerVerdict(firings: first.firings + second.firings, released: first.released + second.released)
    sum.isLate = first.isLate || second.isLate
    return sum
  }
}
