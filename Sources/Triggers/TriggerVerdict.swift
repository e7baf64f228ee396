/// What a trigger does about a fact.
package struct TriggerVerdict: Sendable {
  /// Nearly all verdicts are one of the first two, which take no lists of lists.
  enum Kind: Sendable {
    case wait
    case fire([ObjectReference])
    case other(firings: [[ObjectReference]], released: [ObjectReference], isLate: Bool)
  }

  let kind: Kind

  private init(_ kind: Kind) { self.kind = kind }

  package init(firings: [[ObjectReference]] = [], released: [ObjectReference] = []) {
    kind = .other(firings: firings, released: released, isLate: false)
  }

  /// Nothing to do: an object that has just arrived is kept.
  package static var wait: TriggerVerdict { TriggerVerdict(.wait) }

  /// Fires once, on these objects.
  package static func fire(_ objects: [ObjectReference]) -> TriggerVerdict { TriggerVerdict(.fire(objects)) }

  /// Takes no part in what becomes of the object.
  package static func ignore(_ object: ObjectReference) -> TriggerVerdict { TriggerVerdict(released: [object]) }

  /// Would have taken the object, had it come earlier.
  package static func late(_ object: ObjectReference) -> TriggerVerdict {
    TriggerVerdict(.other(firings: [], released: [object], isLate: true))
  }

  /// One list of inputs for each firing, in order.
  package var firings: [[ObjectReference]] {
    switch kind {
    case .wait: []
    case .fire(let inputs): [inputs]
    case .other(let firings, _, _): firings
    }
  }

  /// Objects that the trigger needs no more, those it fires on included.
  package var released: [ObjectReference] {
    switch kind {
    case .wait: []
    case .fire(let inputs): inputs
    case .other(_, let released, _): released
    }
  }

  /// The object came after the trigger had fired or given up, and is told of to those who ask.
  package var isLate: Bool {
    if case .other(_, _, isLate: true) = kind { true } else { false }
  }

  /// This one, then the other.
  package static func + (first: TriggerVerdict, second: TriggerVerdict) -> TriggerVerdict {
    TriggerVerdict(
      .other(
        firings: first.firings + second.firings, released: first.released + second.released,
        isLate: first.isLate || second.isLate))
  }
}

extension TriggerVerdict: Hashable {
  package static func == (one: TriggerVerdict, other: TriggerVerdict) -> Bool {
    one.firings == other.firings && one.released == other.released && one.isLate == other.isLate
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(firings)
    hasher.combine(released)
    hasher.combine(isLate)
  }
}
