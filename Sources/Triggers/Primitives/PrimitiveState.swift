import Dataflow

/// The state of any one primitive. A closed set instead of an existential, since it is on the path of every object.
enum PrimitiveState: Sendable {
  case immediate(ImmediateTrigger)
  case byName(ByNameTrigger)
  case bySet(BySetTrigger)
  case byBatchSize(ByBatchSizeTrigger)
  case byTime(ByTimeTrigger)
  case redundant(RedundantTrigger)
  case dynamicJoin(DynamicJoinTrigger)
  case dynamicGroup(DynamicGroupTrigger)

  /// - Parameter sessionTimeout: how long a batch across sessions waits that says nothing of it.
  init(_ primitive: Primitive, sessionTimeout: Duration) {
    switch primitive {
    case .immediate: self = .immediate(ImmediateTrigger())
    case .byName(let names): self = .byName(ByNameTrigger(names: names))
    case .bySet(let names): self = .bySet(BySetTrigger(names: names))
    case .byBatchSize(let batch):
      let longest = batch.maxWait.flatMap(DurationText.parse) ?? sessionTimeout
      self = .byBatchSize(
        ByBatchSizeTrigger(count: batch.count, maxWait: primitive.isWorkflowScoped ? longest : nil))
    case .byTime(let window):
      let length = DurationText.parse(window.window) ?? .seconds(1)
      self = .byTime(ByTimeTrigger(window: length, fireEmpty: window.fireEmpty ?? false))
    case .redundant(let redundancy):
      self = .redundant(RedundantTrigger(count: redundancy.count, take: redundancy.take))
    case .dynamicJoin: self = .dynamicJoin(DynamicJoinTrigger())
    case .dynamicGroup: self = .dynamicGroup(DynamicGroupTrigger())
    }
  }

  mutating func update(_ fact: TriggerFact, now: Moment) -> TriggerVerdict {
    switch self {
    // These have no state that changes.
    case .immediate(var state): return state.tell(fact, now: now)
    case .byName(var state): return state.tell(fact, now: now)
    case .bySet(var state):
      self = .vacated
      defer { self = .bySet(state) }
      return state.tell(fact, now: now)
    case .byBatchSize(var state):
      self = .vacated
      defer { self = .byBatchSize(state) }
      return state.tell(fact, now: now)
    case .byTime(var state):
      self = .vacated
      defer { self = .byTime(state) }
      return state.tell(fact, now: now)
    case .redundant(var state):
      self = .vacated
      defer { self = .redundant(state) }
      return state.tell(fact, now: now)
    case .dynamicJoin(var state):
      self = .vacated
      defer { self = .dynamicJoin(state) }
      return state.tell(fact, now: now)
    case .dynamicGroup(var state):
      self = .vacated
      defer { self = .dynamicGroup(state) }
      return state.tell(fact, now: now)
    }
  }

  /// Takes the place of a state that is being changed, so that what it holds is not copied, and of one that is not needed.
  static var vacated: PrimitiveState { .immediate(ImmediateTrigger()) }

  /// Whether it decides on each object for itself: it holds none, and the end of its bucket is nothing to it.
  var isIndifferent: Bool {
    switch self {
    case .immediate, .byName: true
    default: false
    }
  }

  var due: Duration? {
    switch self {
    case .immediate(let state): state.due
    case .byName(let state): state.due
    case .bySet(let state): state.due
    case .byBatchSize(let state): state.due
    case .byTime(let state): state.due
    case .redundant(let state): state.due
    case .dynamicJoin(let state): state.due
    case .dynamicGroup(let state): state.due
    }
  }

  var awaited: Awaited? {
    switch self {
    case .immediate(let state): state.awaited
    case .byName(let state): state.awaited
    case .bySet(let state): state.awaited
    case .byBatchSize(let state): state.awaited
    case .byTime(let state): state.awaited
    case .redundant(let state): state.awaited
    case .dynamicJoin(let state): state.awaited
    case .dynamicGroup(let state): state.awaited
    }
  }

  var isIncomplete: Bool {
    switch self {
    case .immediate(let state): state.isIncomplete
    case .byName(let state): state.isIncomplete
    case .bySet(let state): state.isIncomplete
    case .byBatchSize(let state): state.isIncomplete
    case .byTime(let state): state.isIncomplete
    case .redundant(let state): state.isIncomplete
    case .dynamicJoin(let state): state.isIncomplete
    case .dynamicGroup(let state): state.isIncomplete
    }
  }

  var heldCount: Int {
    switch self {
    case .immediate(let state): state.heldCount
    case .byName(let state): state.heldCount
    case .bySet(let state): state.heldCount
    case .byBatchSize(let state): state.heldCount
    case .byTime(let state): state.heldCount
    case .redundant(let state): state.heldCount
    case .dynamicJoin(let state): state.heldCount
    case .dynamicGroup(let state): state.heldCount
    }
  }
}
