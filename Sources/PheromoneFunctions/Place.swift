import SharedMemory
import Wire

/// A range of one of the worker's own segments; no segment for an object without bytes.
struct Place: Sendable {
  var segment: MemorySegment?
  var id: UInt32
  var offset: Int
  var count: Int

  static let empty = Place(segment: nil, id: 0, offset: 0, count: 0)

  var location: ObjectLocation { ObjectLocation(segment: id, offset: UInt64(offset), length: UInt64(count)) }
}

/// The segment that small objects go to, one behind the other.
struct Arena: Sendable, Hashable {
  var id: UInt32
  var size: Int
  var offset = 0

  /// Objects above this share get a segment of their own, as the sidecar's ledger has it.
  static func isLarge(_ count: Int, inSegmentOf size: Int) -> Bool { count > size / 4 }

  /// Takes the next range, at a cache line, or nil when it does not fit or does not belong here.
  mutating func take(_ count: Int) -> Int? {
    guard !Self.isLarge(count, inSegmentOf: size) else { return nil }
    let start = (offset + 63) & ~63
    guard start + count <= size else { return nil }
    offset = start + count
    return start
  }
}
