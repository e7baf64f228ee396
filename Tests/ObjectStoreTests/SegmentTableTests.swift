import SharedMemory
import Testing
import Wire

@testable import ObjectStore

@Suite struct SegmentTableTests {
  @Test func holdsWhatTheSidecarWrites() throws {
    var table = SegmentTable()
    let segment = try MemorySegment.create(size: 65536, access: .writing)
    try segment.seal()
    try segment.write(Array("payload".utf8), at: 64)
    table.insert(segment, as: 1)
    #expect(try table.bytes(at: ObjectLocation(segment: 1, offset: 64, length: 7)) == Array("payload".utf8))
    #expect(try table.bytes(at: ObjectLocation(segment: 0, offset: 0, length: 0)).isEmpty)
    #expect(table[1]?.isSealed == true)
    table.destroy(1)
    #expect(table.count == 0)
    #expect(throws: (any Error).self) { try table.bytes(at: ObjectLocation(segment: 1, offset: 64, length: 7)) }
  }
}
