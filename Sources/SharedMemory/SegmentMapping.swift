import CSharedMemory

/// A segment in this process's address space, unmapped when nobody refers to it any more.
///
/// It is handed between threads: the addresses never change while it lives, and who may write where is decided
/// outside (single writer: only the segment's owner writes, and only ranges that it has not yet handed over).
@safe
final class SegmentMapping: @unchecked Sendable {
  private let address: UnsafeMutableRawPointer
  let size: Int
  let isWritable: Bool

  init(descriptor: Int32, size: Int, isWritable: Bool) throws(SystemError) {
    var address: UnsafeMutableRawPointer?
    let result = unsafe csm_map(descriptor, UInt64(size), isWritable ? 1 : 0, &address)
    try SystemError.check(result, "map \(size) bytes of shared memory for \(isWritable ? "writing" : "reading")")
    guard let address = unsafe address else {
      throw SystemError("map \(size) bytes of shared memory", reason: "the kernel gave no address")
    }
    unsafe self.address = address
    self.size = size
    self.isWritable = isWritable
  }

  deinit { unsafe csm_unmap(address, UInt64(size)) }

  func withBytes<Result: ~Copyable, Failure: Error>(
    offset: Int, length: Int, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(offset >= 0 && length >= 0 && length <= size && offset <= size - length, "range outside the segment")
    return try unsafe body(UnsafeRawBufferPointer(start: address + offset, count: length))
  }

  func withMutableBytes<Result: ~Copyable, Failure: Error>(
    offset: Int, length: Int, _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(isWritable, "the segment is mapped for reading")
    precondition(offset >= 0 && length >= 0 && length <= size && offset <= size - length, "range outside the segment")
    return try unsafe body(UnsafeMutableRawBufferPointer(start: address + offset, count: length))
  }
}
