import Dataflow

/// `byName`: fires for each object whose key is in the list. A choice.
struct ByNameTrigger: TriggerPrimitive {
  let names: [String]
  private let wanted: Set<Label>

  init(names: [String]) {
    self.names = names
    wanted = Set(names.map { Label($0) })
  }

  mutating func objectArrived(_ object: ObjectReference, now: Moment) -> TriggerVerdict {
    wanted.contains(object.key) ? .fire([object]) : .ignore(object)
  }

  var awaited: Awaited? {
    Awaited(
      "an object under \(names.count == 1 ? "" : "one of ")\(Awaited.list(names, of: names.count))", from: .bucket)
  }
}
