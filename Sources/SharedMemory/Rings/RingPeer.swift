import CSharedMemory

/// A peer's ring memory, mapped for reading after everything about it was checked.
package struct RingPeer: Sendable {
  package let capacity: Int
  let words: RingWords

  /// Takes over a descriptor that a peer sent. It has to be memory in ordinary pages, all of them allocated, of a size
  /// that a ring can have, that can neither change its size nor get another writer: so no access to it can fail, whatever
  /// the peer does. The descriptor is not needed any more once it is mapped.
  package init(adopting file: OwnedDescriptor) throws(SystemError) {
    let operation = "take over a peer's ring"
    let seals = csm_seals(file.number)
    let isMemory = csm_is_plain_memory(file.number) == 1
    guard seals >= 0, isMemory else { throw SystemError(operation, reason: "the descriptor is no memory file") }
    let wanted = CSM_SEAL_GROW | CSM_SEAL_SHRINK | CSM_SEAL_FUTURE_WRITE
    guard Int(seals) & wanted == wanted else {
      throw SystemError(operation, reason: "it is not sealed (seals \(seals))")
    }
    let size = Int(try SystemError.check(csm_size(file.number), operation))
    let capacity = size - RingLayout.bytes
    guard capacity > 0, RingLayout.isCapacity(UInt64(capacity)) else {
      throw SystemError(operation, reason: "no ring has a memory of \(size) bytes")
    }
    // Pages that are missing would be charged to this process. Those that are there stay, as the seals forbid holes.
    let allocated = try SystemError.check(csm_allocated(file.number), operation)
    guard allocated >= Int64(size) else {
      throw SystemError(operation, reason: "only \(allocated) of its \(size) bytes are allocated")
    }
    let mapping = try SegmentMapping(descriptor: file.number, size: size, isWritable: false)
    try self.init(mapping, capacity: capacity)
  }

  /// Looks at the constants in memory that is mapped already.
  init(_ mapping: SegmentMapping, capacity: Int) throws(SystemError) {
    words = RingWords(mapping)
    // A copy is judged; and nothing of the header is used afterwards, so it may change as it likes.
    let header = unsafe RingLayout.Header(
      magic: words.base.load(as: UInt64.self), version: words.base.load(fromByteOffset: 8, as: UInt32.self),
      offset: words.base.load(fromByteOffset: 12, as: UInt32.self),
      capacity: words.base.load(fromByteOffset: 16, as: UInt64.self))
    if let objection = header.objection(capacity: capacity) {
      throw SystemError("take over a peer's ring", reason: objection)
    }
    self.capacity = capacity
  }
}
