import Dataflow

/// `redundant`: fires once per session, with the first `take` of the `count` objects that are expected. Later ones are
/// dropped, and the engine cancels what could only have made more of them.
struct RedundantTrigger: TriggerPrimitive {
  let count: Int
  let take: Int
  private var held: [ObjectReference] = []
  private var isOver = false

  init(count: Int, take: Int) {
    self.take = max(1, take)
    self.count = max(count, self.take)
  }

  mutating func objectArrived(_ object: ObjectReference, now: Moment) -> TriggerVerdict {
    guard !isOver else { return .late(object) }
    held.append(object)
    guard held.count == take else { return .wait }
    isOver = true
    defer { held = [] }
    return .fire(held)
  }

  mutating func bucketClosed() -> TriggerVerdict {
    isOver = true
    defer { held = [] }
    return TriggerVerdict(released: held)
  }

  var awaited: Awaited? {
    guard !isOver else { return nil }
    if held.isEmpty { return Awaited("\(Awaited.objects(take)) (of \(count))", from: .bucket) }
    return Awaited(
      "\(Awaited.objects(take - held.count, more: true)) (\(held.count) of the \(take) to take are there)",
      from: .bucket)
  }

  /// A trigger to which nothing came is a branch that was not taken.
  var isIncomplete: Bool { !held.isEmpty }

  var heldCount: Int { held.count }
}
