import Dataflow

/// `dynamicGroup`: fires once per group and session, when the stage of its sources is over; inputs are sorted by key, groups
/// fire in the order of their names. Both orders are those of the UTF-8 bytes. A shuffle.
struct DynamicGroupTrigger: TriggerPrimitive {
  private var groups: [String: [ObjectReference]] = [:]
  private(set) var heldCount = 0
  private var isOver = false

  mutating func objectArrived(_ object: ObjectReference, now: Moment) -> TriggerVerdict {
    guard !isOver else { return .late(object) }
    groups[object.group ?? DefaultGroup.make(key: object.key.text), default: []].append(object)
    heldCount += 1
    return .wait
  }

  mutating func stageEnded() -> TriggerVerdict {
    guard !isOver else { return .wait }
    isOver = true
    let firings = groups.sorted { Self.precedes($0.key, $1.key) }.map { _, members in
      members.map { (key: $0.key.text, object: $0) }.sorted { Self.precedes($0.key, $1.key) }.map(\.object)
    }
    groups = [:]
    heldCount = 0
    return TriggerVerdict(firings: firings, released: firings.flatMap(\.self))
  }

  // The stage is over before the bucket closes, since the sources reach the bucket.
  mutating func bucketClosed() -> TriggerVerdict { stageEnded() }

  var awaited: Awaited? {
    guard !isOver else { return nil }
    let gathered = "with \(Awaited.objects(heldCount)) in \(groups.count) group\(groups.count == 1 ? "" : "s")"
    return Awaited("the end of its sources" + (groups.isEmpty ? "" : ", \(gathered)"), from: .stage)
  }

  private static func precedes(_ one: String, _ other: String) -> Bool {
    one.utf8.lexicographicallyPrecedes(other.utf8)
  }
}
