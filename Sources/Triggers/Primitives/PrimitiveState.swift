import Dataflow

/// The state of any one primitive. A closed set instead of an existential, since it is on the path of every object.
enum PrimitiveState: Sendable {
  case immediate(ImmediateTrigger)
  case byName(ByNameTrigger)
  case bySet(BySetTrigger)
  case dynamicJoin(DynamicJoinTrigger)

  /// Nil for a primitive that the static check refuses in this version.
  init?(_ primitive: Primitive) {
    switch primitive {
    case .immediate: self = .immediate(ImmediateTrigger())
    case .byName(let names): self = .byName(ByNameTrigger(names: names))
    case .bySet(let names): self = .bySet(BySetTrigger(names: names))
    case .dynamicJoin: self = .dynamicJoin(DynamicJoinTrigger())
    case .byBatchSize, .byTime, .redundant, .dynamicGroup: return nil
    }
  }

  /// Runs `body` on whichever primitive it is.
  mutating func update(_ fact: TriggerFact) -> TriggerVerdict {
    switch self {
    case .immediate(var state):
      defer { self = .immediate(state) }
      return state.tell(fact)
    case .byName(var state):
      defer { self = .byName(state) }
      return state.tell(fact)
    case .bySet(var state):
      self = .immediate(ImmediateTrigger())  // so that the state is not copied
      defer { self = .bySet(state) }
      return state.tell(fact)
    case .dynamicJoin(var state):
      self = .immediate(ImmediateTrigger())
      defer { self = .dynamicJoin(state) }
      return state.tell(fact)
    }
  }

  var lacks: [String] {
    switch self {
    case .immediate(let state): state.lacks
    case .byName(let state): state.lacks
    case .bySet(let state): state.lacks
    case .dynamicJoin(let state): state.lacks
    }
  }

  var heldCount: Int {
    switch self {
    case .immediate(let state): state.heldCount
    case .byName(let state): state.heldCount
    case .bySet(let state): state.heldCount
    case .dynamicJoin(let state): state.heldCount
    }
  }
}

/// A fact that a trigger is told.
enum TriggerFact {
  case objectArrived(ObjectReference)
  case announced([String])
  case announcersFinished
  case bucketClosed
}

extension TriggerPrimitive {
  mutating func tell(_ fact: TriggerFact) -> TriggerVerdict {
    switch fact {
    case .objectArrived(let object): objectArrived(object)
    case .announced(let keys): announced(keys)
    case .announcersFinished: announcersFinished()
    case .bucketClosed: bucketClosed()
    }
  }
}
