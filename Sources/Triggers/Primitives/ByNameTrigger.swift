import Dataflow

/// `byName`: fires for each object whose key is in the list. A choice.
struct ByNameTrigger: TriggerPrimitive {
  let names: Set<String>

  init(names: [String]) { self.names = Set(names) }

  mutating func objectArrived(_ object: ObjectReference, now: Moment) -> TriggerVerdict {
    names.contains(object.key) ? .fire([object]) : .ignore(object)
  }
}
