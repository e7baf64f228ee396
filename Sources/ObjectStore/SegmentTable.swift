package import SharedMemory
package import Wire

/// Holds the segments that a ledger has decided on: the thin part that makes, fills and drops memory.
///
/// `attach`, `detach`, `grant` and `recycle` are messages; the sidecar sends them, with `descriptor` of the segment.
package struct SegmentTable: Sendable {
  private var segments: [UInt32: MemorySegment] = [:]

  package init() {}

  package var count: Int { segments.count }

  package subscript(id: UInt32) -> MemorySegment? { segments[id] }

  /// Puts in a segment, which is sealed as soon as its writer has mapped it.
  package mutating func insert(_ segment: MemorySegment, as id: UInt32) { segments[id] = segment }

  package mutating func destroy(_ id: UInt32) { segments[id] = nil }

  /// A copy of an object's bytes.
  package func bytes(at location: ObjectLocation) throws(SystemError) -> [UInt8] {
    guard location.length > 0 else { return [] }
    guard let segment = segments[location.segment], let offset = Int(exactly: location.offset),
      let length = Int(exactly: location.length)
    else {
      throw SystemError("read an object of segment \(location.segment)", reason: "there is no such segment")
    }
    return try segment.read(offset: offset, length: length)
  }
}
