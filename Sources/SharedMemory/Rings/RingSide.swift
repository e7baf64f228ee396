import CSharedMemory

/// This side's ring memory before the peer's is known: it can be shown to the peer and nothing else.
///
/// Each side makes its own, which holds the bytes it writes and both of its indexes, and sends its descriptor to the
/// other. `connect` consumes the side, so there is one writer and one reader of each.
package struct RingSide: ~Copyable, Sendable {
  package let capacity: Int
  let words: RingWords
  /// Its memory, to be sent to the peer.
  package let file: OwnedDescriptor

  /// Makes the memory of a ring of so many bytes, a power of two from 4 KiB to 16 MiB. Its pages are allocated and
  /// charged to this process, it is mapped writable here, and the kernel refuses every other writer from then on.
  package init(capacity: Int) throws(SystemError) {
    let operation = "make a ring of \(capacity) bytes"
    guard capacity > 0, RingLayout.isCapacity(UInt64(capacity)) else {
      throw SystemError(
        operation,
        reason: "a ring has a power of two from \(RingLayout.smallestCapacity) to \(RingLayout.largestCapacity) bytes")
    }
    let size = RingLayout.bytes + capacity
    let number = unsafe csm_memory_file("pheromone-ring", UInt64(size))
    let file = OwnedDescriptor(owning: try SystemError.check(number, operation))
    try SystemError.check(csm_prefault(file.number, UInt64(size)), operation)
    let mapping = try SegmentMapping(descriptor: file.number, size: size, isWritable: true)
    let words = RingWords(mapping)
    let header = RingLayout.Header(capacity: UInt64(capacity))
    unsafe words.base.storeBytes(of: header.magic, as: UInt64.self)
    unsafe words.base.storeBytes(of: header.version, toByteOffset: 8, as: UInt32.self)
    unsafe words.base.storeBytes(of: header.offset, toByteOffset: 12, as: UInt32.self)
    unsafe words.base.storeBytes(of: header.capacity, toByteOffset: 16, as: UInt64.self)
    let seals = CSM_SEAL_GROW | CSM_SEAL_SHRINK | CSM_SEAL_FUTURE_WRITE | CSM_SEAL_SEAL
    try SystemError.check(csm_add_seals(file.number, Int32(seals)), "seal a ring of \(capacity) bytes")
    self.capacity = capacity
    self.words = words
    self.file = file
  }

  /// The number to send to the peer; open as long as the side, or the ends that it became, live.
  package var descriptor: Int32 { file.number }

  /// Takes the peer's memory and becomes the two ends that this process works with.
  ///
  /// - Parameter doorbell: what to ring when the peer says that it sleeps beside sockets. Only for a peer that is
  ///   trusted; see `Doorbell`. Without one such a peer is not woken.
  package consuming func connect(to peer: RingPeer, doorbell: Doorbell? = nil) -> RingEnds {
    RingEnds(
      writer: RingWriter(own: words, capacity: capacity, peer: peer, doorbell: doorbell),
      reader: RingReader(own: words, peer: peer, doorbell: doorbell))
  }
}

/// What a process works with once both sides are known: the ring that it writes, and the ring that its peer writes.
package struct RingEnds: ~Copyable {
  package var writer: RingWriter
  package var reader: RingReader

  /// Hands the ends to those who use them on different threads.
  package consuming func separate(_ body: (consuming RingWriter, consuming RingReader) -> Void) {
    body(writer, reader)
  }
}
