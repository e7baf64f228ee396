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
  let id: UInt32
  let size: Int
  /// What may be written, in its order.
  private let ranges: [Range<Int>]
  /// The range that the next object goes to if it fits: no earlier one has room behind `offset`.
  private var index = 0
  private(set) var offset = 0

  /// - Parameter free: what may be written, if that is not all.
  init(id: UInt32, size: Int, free: [Range<Int>] = []) {
    self.id = id
    self.size = size
    ranges = free.isEmpty ? [0..<size] : free
  }

  /// Objects above this share get a segment of their own, as the sidecar's ledger has it.
  static func isLarge(_ count: Int, inSegmentOf size: Int) -> Bool { count > size / 4 }

  /// Takes the next range, at a cache line, or nil when it does not fit or does not belong here.
  mutating func take(_ count: Int) -> Int? {
    guard !Self.isLarge(count, inSegmentOf: size) else { return nil }
    for index in ranges.indices[index...] {
      let start = (max(offset, ranges[index].lowerBound) + 63) & ~63
      guard start + count <= ranges[index].upperBound else { continue }
      self.index = index
      offset = start + count
      return start
    }
    return nil
  }

  /// Writing goes on at an offset that it has passed already.
  mutating func goBack(to offset: Int) {
    self.offset = offset
    index = 0
  }
}
