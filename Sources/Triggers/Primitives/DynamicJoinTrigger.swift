import Dataflow

/// `dynamicJoin`: fires once per session, when every key that was announced at run time is there. It is not evaluated before
/// the announcers are through, since they may announce more; its inputs are in the order of announcement.
struct DynamicJoinTrigger: TriggerPrimitive {
  private var announcedKeys: [Label] = []
  private var isAnnounced: Set<Label> = []
  private var present: [Label: ObjectReference] = [:]
  /// Keeps the objects in their order, for those that turn out not to be announced.
  private var arrivals: [ObjectReference] = []
  private var missing = 0
  private var phase = Phase.notAnnounced

  private enum Phase {
    /// No announcer has committed: a branch that was not taken, unless one still does.
    case notAnnounced
    case collecting
    case waitingForKeys
    case over
  }

  mutating func objectArrived(_ object: ObjectReference, now: Moment) -> TriggerVerdict {
    switch phase {
    case .over: return .late(object)
    case .waitingForKeys where !isAnnounced.contains(object.key): return .late(object)
    case .notAnnounced, .collecting, .waitingForKeys: break
    }
    // The first object of a key is the one that counts.
    guard present[object.key] == nil else { return .ignore(object) }
    present[object.key] = object
    arrivals.append(object)
    if isAnnounced.contains(object.key) { missing -= 1 }
    return phase == .waitingForKeys ? fireIfComplete() : .wait
  }

  mutating func announced(_ keys: [Label]) -> TriggerVerdict {
    switch phase {
    case .notAnnounced: phase = .collecting
    case .collecting: break
    case .waitingForKeys, .over: return .wait
    }
    for key in keys where isAnnounced.insert(key).inserted {
      announcedKeys.append(key)
      if present[key] == nil { missing += 1 }
    }
    return .wait
  }

  mutating func stageEnded() -> TriggerVerdict {
    switch phase {
    case .notAnnounced:
      return giveUp()
    case .collecting:
      phase = .waitingForKeys
      return missing == 0 ? fireIfComplete() : TriggerVerdict(released: takeStrays())
    case .waitingForKeys, .over:
      return .wait
    }
  }

  mutating func bucketClosed() -> TriggerVerdict { giveUp() }

  var awaited: Awaited? {
    switch phase {
    case .over: nil
    case .notAnnounced: Awaited("an announcement", from: .stage)
    case .collecting where missing == 0: Awaited("the end of its announcers", from: .stage)
    case .collecting, .waitingForKeys:
      Awaited(keys: announcedKeys.lazy.filter { present[$0] == nil }, count: missing)
    }
  }

  var isIncomplete: Bool { missing > 0 }

  var heldCount: Int { arrivals.count }

  private mutating func fireIfComplete() -> TriggerVerdict {
    guard missing == 0 else { return .wait }
    let inputs = announcedKeys.compactMap { present[$0] }
    return TriggerVerdict(firings: [inputs], released: giveUp().released)
  }

  private mutating func giveUp() -> TriggerVerdict {
    phase = .over
    announcedKeys = []
    isAnnounced = []
    missing = 0
    return TriggerVerdict(released: takeArrivals())
  }

  /// What came and was not announced, which nobody can announce any more.
  private mutating func takeStrays() -> [ObjectReference] {
    let strays = arrivals.filter { !isAnnounced.contains($0.key) }
    guard !strays.isEmpty else { return [] }
    arrivals.removeAll { !isAnnounced.contains($0.key) }
    for stray in strays { present[stray.key] = nil }
    return strays
  }

  private mutating func takeArrivals() -> [ObjectReference] {
    defer {
      arrivals = []
      present = [:]
    }
    return arrivals
  }
}
