import Dataflow

/// `bySet`: fires once per session, when objects of all the names are there; its inputs are in the order of the list. A fan-in.
struct BySetTrigger: TriggerPrimitive {
  let names: [Label]
  private let wanted: Set<Label>
  private var present: [Label: ObjectReference] = [:]

  private var isOver = false

  init(names: [String]) {
    var wanted: Set<Label> = []
    self.names = names.lazy.map { Label($0) }.filter { wanted.insert($0).inserted }
    self.wanted = wanted
  }

  mutating func objectArrived(_ object: ObjectReference, now: Moment) -> TriggerVerdict {
    // The first object of a name is the one that counts.
    guard !isOver, wanted.contains(object.key), present[object.key] == nil else { return .ignore(object) }
    present[object.key] = object
    guard present.count == wanted.count else { return .wait }
    isOver = true
    return .fire(takePresent())
  }

  mutating func bucketClosed() -> TriggerVerdict {
    isOver = true
    return TriggerVerdict(released: takePresent())
  }

  var awaited: Awaited? {
    isOver ? nil : Awaited(keys: names.lazy.filter { present[$0] == nil }, count: names.count - present.count)
  }

  /// A set of which nothing came is a branch that was not taken.
  var isIncomplete: Bool { !present.isEmpty }
  var heldCount: Int { present.count }

  private mutating func takePresent() -> [ObjectReference] {
    defer { present = [:] }
    return names.compactMap { present[$0] }
  }
}
