import CSharedMemory
import Synchronization

/// A piece of memory that processes of a pod share: one `memfd` and at most one mapping of it here.
///
/// Its life in the process that creates it: `create`, `prefault`, hand the descriptor to the writer, and once the writer
/// has mapped it, `seal`. From then on the kernel refuses every other writable mapping, so that whoever is
/// given the descriptor can read and nothing else. The size is sealed from the beginning: no peer can shrink the file
/// under a reader, which would kill the reader with SIGBUS.
package final class MemorySegment: Sendable {
  /// What this process may do with the bytes.
  package enum Access: Sendable { case reading, writing }

  package let size: Int
  private let file: OwnedDescriptor
  /// Made at the first use, as many segments only pass through the sidecar.
  private let mapping: Mutex<SegmentMapping?>

  private init(file: OwnedDescriptor, size: Int, mapping: SegmentMapping?) {
    self.file = file
    self.size = size
    self.mapping = Mutex(mapping)
  }

  /// A new segment of zero bytes. With `.writing` it is mapped writable here before anyone else can see it.
  package static func create(size: Int, access: Access = .reading) throws(SystemError) -> MemorySegment {
    guard size > 0 else { throw SystemError("create a segment of \(size) bytes", reason: "the size must be positive") }
    let number = unsafe csm_memory_file("pheromone", UInt64(size))
    let file = OwnedDescriptor(owning: try SystemError.check(number, "create \(size) bytes of shared memory"))
    try SystemError.check(
      csm_add_seals(file.number, Int32(CSM_SEAL_GROW | CSM_SEAL_SHRINK)), "seal the size of a segment")
    let mapping =
      access == .writing ? try SegmentMapping(descriptor: file.number, size: size, isWritable: true) : nil
    return MemorySegment(file: file, size: size, mapping: mapping)
  }

  /// Takes over a descriptor that a peer sent, after checking that it is what was announced: a memory file of that
  /// size which cannot change its size and, for reading, which nobody but its writer can change.
  package static func adopt(
    _ file: OwnedDescriptor, size: Int, access: Access
  ) throws(SystemError) -> MemorySegment {
    let operation = "take over a segment of \(size) bytes"
    let seals = csm_seals(file.number)
    guard seals >= 0 else { throw SystemError(operation, reason: "the descriptor is no memory file") }
    let actual = try SystemError.check(csm_size(file.number), operation)
    guard actual == Int64(size), size > 0 else { throw SystemError(operation, reason: "its size is \(actual)") }
    var wanted = CSM_SEAL_GROW | CSM_SEAL_SHRINK
    if access == .reading { wanted |= CSM_SEAL_FUTURE_WRITE }
    guard Int(seals) & wanted == wanted else {
      throw SystemError(operation, reason: "it is not sealed (seals \(seals))")
    }
    let mapping = try SegmentMapping(descriptor: file.number, size: size, isWritable: access == .writing)
    return MemorySegment(file: file, size: size, mapping: mapping)
  }

  /// The number to send to a peer; it stays open as long as the segment lives.
  package var descriptor: Int32 { file.number }

  /// Allocates every page now, charged to the calling process. Takes time in proportion to the size.
  package func prefault() throws(SystemError) {
    try SystemError.check(csm_prefault(file.number, UInt64(size)), "allocate \(size) bytes of shared memory")
  }

  /// From now on nobody can map the segment writable, write to it through a descriptor, or change its seals.
  /// Mappings that exist stay writable.
  package func seal() throws(SystemError) {
    let seals =
      CSM_SEAL_FUTURE_WRITE | CSM_SEAL_GROW | CSM_SEAL_SHRINK | CSM_SEAL_SEAL
    try SystemError.check(csm_add_seals(file.number, Int32(seals)), "seal a segment of \(size) bytes")
  }

  /// Whether the segment can still get a new writer.
  package var isSealed: Bool {
    let seals = csm_seals(file.number)
    return seals >= 0 && Int(seals) & CSM_SEAL_FUTURE_WRITE != 0
  }

  /// A copy of a range.
  package func read(offset: Int, length: Int) throws(SystemError) -> [UInt8] {
    try unsafe checked(offset: offset, length: length).withBytes(offset: offset, length: length) { unsafe Array($0) }
  }

  /// Lends a range for reading, in place. The bytes are valid for the time of the call.
  package func withBytes<Result: ~Copyable>(
    offset: Int, length: Int, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    let mapping = try checked(offset: offset, length: length)
    return try unsafe mapping.withBytes(offset: offset, length: length, body)
  }

  /// Lends a range that the caller has checked against `size`, of a segment that was mapped when it was made.
  package func lend<Result: ~Copyable, Failure: Error>(
    offset: Int, length: Int, _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard let mapping = mapping.withLock({ $0 }) else { preconditionFailure("the segment is not mapped") }
    return try unsafe mapping.withBytes(offset: offset, length: length) { (buffer) throws(Failure) in
      try body(unsafe buffer.bytes)
    }
  }

  /// Copies bytes into a segment that is mapped writable here.
  package func write(_ bytes: some Collection<UInt8>, at offset: Int) throws(SystemError) {
    let length = bytes.count
    let mapping = try checked(offset: offset, length: length)
    guard mapping.isWritable else {
      throw SystemError("write \(length) bytes", reason: "the segment is mapped for reading")
    }
    unsafe mapping.withMutableBytes(offset: offset, length: length) { unsafe $0.copyBytes(from: bytes) }
  }

  /// Lends a range for writing, in place. Only the segment's one writer may ask, for a range that it has not handed over.
  package func withMutableBytes<Result: ~Copyable>(
    offset: Int, length: Int, _ body: (UnsafeMutableRawBufferPointer) throws -> Result
  ) throws -> Result {
    let mapping = try checked(offset: offset, length: length)
    guard mapping.isWritable else {
      throw SystemError("lend \(length) bytes for writing", reason: "the segment is mapped for reading")
    }
    return try unsafe mapping.withMutableBytes(offset: offset, length: length, body)
  }

  /// The size of a memory page, which sizes of segments are rounded to.
  package static let pageSize = Int(csm_page_size())

  private func checked(offset: Int, length: Int) throws(SystemError) -> SegmentMapping {
    guard offset >= 0, length >= 0, length <= size, offset <= size - length else {
      throw SystemError("reach \(length) bytes at \(offset)", reason: "the segment has \(size) bytes")
    }
    return try mapping.withLock { (mapping) throws(SystemError) in
      if let mapping { return mapping }
      let made = try SegmentMapping(descriptor: file.number, size: size, isWritable: false)
      mapping = made
      return made
    }
  }
}
