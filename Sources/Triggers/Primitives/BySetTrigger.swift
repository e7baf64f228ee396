import Dataflow

/// `bySet`: fires once per session, when objects of all the names are there; its inputs are in the order of the list. A fan-in.
struct BySetTrigger: TriggerPrimitive {
  let names: [String]
  private let wanted: Set<String>
  private var present: [String: ObjectReference] = [:]

  init(names: [String]) {
    self.names = names
    wanted = Set(names)
  }

  // Keys are unique within a session and bucket, so that a set which has fired cannot begin again.
  mutating func objectArrived(_ object: ObjectReference, now: Moment) -> TriggerVerdict {
    guard wanted.contains(object.key) else { return .ignore(object) }
    present[object.key] = object
    guard present.count == wanted.count else { return .wait }
    defer { present = [:] }
    return .fire(names.compactMap { present[$0] })
  }

  mutating func bucketClosed() -> TriggerVerdict {
    defer { present = [:] }
    return TriggerVerdict(released: names.compactMap { present[$0] })
  }

  /// A set of which nothing came is a branch that was not taken; it lacks nothing.
  var lacks: [String] { present.isEmpty ? [] : names.filter { present[$0] == nil } }
  var heldCount: Int { present.count }
}
