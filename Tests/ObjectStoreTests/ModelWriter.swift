import Wire

@testable import ObjectStore

/// Writes small objects where the ledger lets it, as the SDK's workers do.
struct ModelWriter {
  let executor: UInt32
  let fillsGaps: Bool
  private(set) var arena: UInt32?
  private var free: [Range<Int>] = []
  private var offset = 0
  private var mark: (arena: UInt32?, offset: Int) = (nil, 0)
  /// Where the last object ends that the present attempt has published in the arena.
  private var published = 0

  init(_ executor: UInt32, fillsGaps: Bool = true) {
    self.executor = executor
    self.fillsGaps = fillsGaps
  }

  mutating func begin(_ ledger: inout ObjectLedger) {
    ledger.attemptBegan(on: executor)
    mark = (arena, offset)
    published = 0
  }

  /// The attempt has failed: what it has written can be written over, but for what it has published.
  mutating func rollBack() { offset = max(mark.arena == arena ? mark.offset : 0, published) }

  mutating func publish(_ location: ObjectLocation) {
    if location.segment == arena { published = max(published, Int(location.offset + location.length)) }
  }

  mutating func detach(_ segment: UInt32) {
    if arena == segment { arena = nil }
  }

  /// Finds room for an object in the present arena.
  mutating func take(_ bytes: Int) -> ObjectLocation? {
    guard let arena else { return nil }
    for range in free {
      let start = Segment.aligned(max(offset, range.lowerBound))
      guard start + bytes <= range.upperBound else { continue }
      offset = start + bytes
      return ObjectLocation(segment: arena, offset: UInt64(start), length: UInt64(bytes))
    }
    self.arena = nil
    return nil
  }

  /// Asks for another arena.
  mutating func ask(
    _ bytes: Int, _ ledger: inout ObjectLedger
  ) throws -> (decision: SegmentDecision, actions: [StoreAction]) {
    let (decision, actions) = ledger.needSegment(executor: executor, bytes: bytes, fillsGaps: fillsGaps)
    switch decision {
    case .grant(let segment, let size):
      try ledger.mapped(segment: segment, by: executor)
      (arena, free) = (segment, [0..<size])
    case .recycle(let segment, let ranges):
      (arena, free) = (segment, ranges.isEmpty ? [0..<ledger.arenaSize] : ranges)
    case .wait, .neverFits: return (decision, actions)
    }
    (offset, published) = (0, 0)
    return (decision, actions)
  }
}
