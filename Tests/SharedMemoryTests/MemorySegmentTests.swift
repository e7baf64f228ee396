import Glibc
import Testing

@testable import SharedMemory

@Suite struct MemorySegmentTests {
  private func duplicate(_ segment: MemorySegment) -> OwnedDescriptor {
    OwnedDescriptor(owning: dup(segment.descriptor))
  }

  @Test func readersSeeWhatTheWriterWritesAfterTheSeal() throws {
    let segment = try MemorySegment.create(size: 8192)
    try segment.prefault()
    let writer = try MemorySegment.adopt(duplicate(segment), size: 8192, access: .writing)
    try segment.seal()
    let reader = try MemorySegment.adopt(duplicate(segment), size: 8192, access: .reading)
    try writer.write([1, 2, 3], at: 8189)
    #expect(try reader.read(offset: 8189, length: 3) == [1, 2, 3])
    #expect(try segment.read(offset: 8188, length: 4) == [0, 1, 2, 3])
  }

  @Test func nobodyCanWriteAnewAfterTheSeal() throws {
    let segment = try MemorySegment.create(size: 4096)
    try segment.seal()
    #expect(segment.isSealed)
    #expect(throws: SystemError.self) {
      try MemorySegment.adopt(duplicate(segment), size: 4096, access: .writing)
    }
    #expect(throws: SystemError.self) { try segment.seal() }
    let written = unsafe write(segment.descriptor, "x", 1)
    #expect(written == -1)
    #expect(ftruncate(segment.descriptor, 0) == -1)
  }

  @Test func theSizeIsFixedEvenBeforeTheSeal() throws {
    let segment = try MemorySegment.create(size: 4096)
    #expect(ftruncate(segment.descriptor, 0) == -1)
    #expect(ftruncate(segment.descriptor, 8192) == -1)
  }

  @Test func whatIsNotAsAnnouncedIsRefused() throws {
    let segment = try MemorySegment.create(size: 4096)
    // Unsealed: its writer could still be anyone.
    #expect(throws: SystemError.self) { try MemorySegment.adopt(duplicate(segment), size: 4096, access: .reading) }
    try segment.seal()
    #expect(throws: SystemError.self) { try MemorySegment.adopt(duplicate(segment), size: 8192, access: .reading) }
    let file = OwnedDescriptor(owning: unsafe open("/dev/zero", O_RDONLY))
    #expect(throws: SystemError.self) { try MemorySegment.adopt(file, size: 4096, access: .reading) }
  }

  @Test(arguments: [(-1, 1), (0, 4097), (4096, 1), (Int.max, Int.max), (1, -1)])
  func rangesOutsideAreErrors(offset: Int, length: Int) throws {
    let segment = try MemorySegment.create(size: 4096)
    #expect(throws: SystemError.self) { try segment.read(offset: offset, length: length) }
  }

  @Test func aReadersMappingCannotBeWrittenTo() throws {
    let segment = try MemorySegment.create(size: 4096)
    #expect(throws: SystemError.self) { try segment.write([1], at: 0) }
  }
}
