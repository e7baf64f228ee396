import SharedMemory
import Wire

/// A segment that another thread makes, and what waits for it here.
struct SegmentInMaking {
  /// What is copied from here on the loop's own thread; copying more takes as long as making does.
  private static let smallCopy = 256 << 10

  /// The sidecar writes into it itself.
  let isOwn: Bool
  /// Sent once it is made, in this order; those with the segment's descriptor say so.
  private(set) var frames: [Waiting] = []
  private var writes: [SegmentWrite] = []

  struct Waiting {
    var frame: SidecarFrame
    var connection: UInt64
    var goesWithSegment: Bool
  }

  init(isOwn: Bool) { self.isOwn = isOwn }

  mutating func add(_ frame: SidecarFrame, for connection: UInt64, goesWithSegment: Bool) {
    frames.append(Waiting(frame: frame, connection: connection, goesWithSegment: goesWithSegment))
  }

  mutating func add(_ write: SegmentWrite) { writes.append(write) }

  func concerns(_ connection: UInt64) -> Bool { frames.contains { $0.connection == connection } }

  /// The segment is made: writes what is little into it, and answers what is better written elsewhere.
  mutating func fill(_ segment: MemorySegment) throws(SystemError) -> [SegmentWrite] {
    defer { writes = [] }
    guard writes.reduce(0, { $0 + $1.bytes.count }) <= Self.smallCopy else { return writes }
    for write in writes { try segment.write(write.bytes, at: write.offset) }
    return []
  }
}

/// Bytes that go to a place of a segment.
struct SegmentWrite: Sendable {
  var bytes: [UInt8]
  var offset: Int
}
