import Dataflow
import Wire

/// Arenas most of whose objects are gone.
///
/// One small object that stays keeps a whole arena. So an executor that needs room goes on in its own arena that has the
/// fewest bytes in use, between the objects that are there yet, provided at least half of it is free: an object is gone
/// only after everyone who was given it has reported, so that its range can be written over. Less than half would give
/// little room for each look. What an executor's arenas take is then at most twice what their objects do, beside the
/// one that it writes into and those that its running attempt has left; if objects are of many sizes, some more for gaps
/// that the next object does not fit into. The same is true of the arenas into which the sidecar writes payloads.
///
/// There is no such bound for what an executor leaves that is idle from then on, or gone. Only the process that a segment
/// was made for can write into it (the kernel sees to that), so that its arenas stay as long as any object in them does: at
/// worst one arena for each object, as `fragmentedBytes` shows. They count against the quota like all others, and go with
/// their last object.
extension ObjectLedger {
  /// The most ranges that one `recycle` names: what is left out is named another time. They make a frame of 16 KB.
  package static let freeRangeLimit = 1000

  /// The bytes of segments that hold objects, without what these take in whole cache lines.
  package var fragmentedBytes: Int {
    segments.values.reduce(0) { $0 + ($1.liveObjects > 0 ? max(0, $1.size - $1.liveBytes) : 0) }
  }

  /// Whether room is rather looked for between objects than made. At three quarters the intake stops, which scattered
  /// objects alone must not bring about; and below a half a new arena always finds room.
  var isMemoryScarce: Bool { claimed + arenaSize > limit / 2 }

  /// The owner's retired arena with the fewest bytes in use that an object of such a size finds room in, if half of it is
  /// free; and its ranges that do for such an object.
  mutating func sparseArena(of owner: SegmentOwner, _ bytes: Int) -> (id: UInt32, free: [Range<Int>])? {
    let candidates = segments.values.filter {
      $0.owner == owner && $0.phase == .retired && !$0.isLarge && $0.liveBytes <= $0.size / 2
        && $0.largestFree >= bytes
    }.sorted { ($0.liveBytes, $0.id) < ($1.liveBytes, $1.id) }
    for arena in candidates {
      let free = freeRanges(of: arena)
      let largest = free.lazy.map(\.count).max() ?? 0
      if largest >= bytes {
        return (arena.id, Array(free.lazy.filter { $0.count >= bytes }.prefix(Self.freeRangeLimit)))
      }
      // It is not looked at again before so many bytes may be free in one place.
      change(arena.id) { $0.largestFree = largest }
    }
    return nil
  }

  /// The ranges between the objects, from cache line to cache line. Looks at every object there is.
  private func freeRanges(of segment: borrowing Segment) -> [Range<Int>] {
    let id = segment.id
    let taken = objects.values.lazy.filter { $0.location.segment == id }
      .map { Int($0.location.offset)..<Int($0.location.offset + $0.location.length) }
      .sorted { $0.lowerBound < $1.lowerBound }
    var free: [Range<Int>] = []
    var end = 0
    for range in taken {
      if end < range.lowerBound { free.append(end..<range.lowerBound) }
      end = max(end, Segment.aligned(range.upperBound))
    }
    if end < segment.size { free.append(end..<segment.size) }
    return free
  }
}
