import Dataflow

/// `byBatchSize`: fires for every `count` objects, in the order in which they came. What is left over goes when the bucket is
/// idle (scope Session) or when its first object has waited for `maxWait` (scope Workflow).
struct ByBatchSizeTrigger: TriggerPrimitive {
  let count: Int
  /// Nil within a session, which closing ends.
  let maxWait: Duration?
  private var held: [ObjectReference] = []
  private(set) var due: Duration?

  init(count: Int, maxWait: Duration?) {
    self.count = max(1, count)
    self.maxWait = maxWait
  }

  mutating func objectArrived(_ object: ObjectReference, now: Moment) -> TriggerVerdict {
    held.append(object)
    if held.count == 1, let maxWait { due = now.monotonic + maxWait }
    return held.count >= count ? flush() : .wait
  }

  mutating func bucketIdle() -> TriggerVerdict { flush() }

  mutating func timeCame(now: Moment) -> TriggerVerdict {
    guard let due, now.monotonic >= due else { return .wait }
    return flush()
  }

  var awaited: Awaited? {
    if held.isEmpty { return Awaited(count == 1 ? "an object" : "an object (for a batch of \(count))", from: .bucket) }
    return Awaited(
      "\(Awaited.objects(count - held.count, more: true)) (in a batch, \(held.count) of \(count))", from: .bucket)
  }

  var heldCount: Int { held.count }

  private mutating func flush() -> TriggerVerdict {
    due = nil
    guard !held.isEmpty else { return .wait }
    defer { held = [] }
    return .fire(held)
  }
}
