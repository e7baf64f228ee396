import CSharedMemory

/// The reading end of a ring. Every frame is copied into memory of this process before anyone looks at it, and every
/// index and length of the peer is judged before it is used.
@safe
// It is never copied, so one thread at a time has it, and with it the private memory behind the pointer.
package struct RingReader: ~Copyable, @unchecked Sendable {
  private let peer: RingWords
  private var indexes: RingReadIndexes
  private var waker: RingWaker
  private var sleeper: RingSleeper
  /// Where frames are copied to, as large as the largest.
  private let copy: UnsafeMutableBufferPointer<UInt8>
  /// A ring that was broken once stays so.
  private var fault: RingFault?

  init(own: RingWords, peer: RingPeer, doorbell: Doorbell?) {
    self.peer = peer.words
    indexes = RingReadIndexes(geometry: RingGeometry(capacity: UInt64(peer.capacity)))
    waker = RingWaker(
      own: own, indexOffset: RingLayout.readIndex, peer: peer.words, sleepOffset: RingLayout.writerSleep,
      doorbell: doorbell)
    sleeper = RingSleeper(
      own: own, sleepOffset: RingLayout.readerSleep, peer: peer.words, indexOffset: RingLayout.writeIndex)
    // Private memory that this value owns and frees; nobody else gets the pointer.
    unsafe copy = .allocate(capacity: indexes.geometry.largestFrame)
  }

  deinit { unsafe copy.deallocate() }

  /// How often the peer waited for room and had to be woken.
  package var wakeups: Int { waker.wakeups }

  /// How long to spin for frames before sleeping.
  package var spinPolicy: SpinPolicy {
    get { sleeper.policy }
    set { sleeper.policy = newValue }
  }

  /// Whether `read` has something to do: frames, or a fault to report. Costs no system call, for one who spins on many.
  package var isReady: Bool { !indexes.isEmpty || fault != nil || sleeper.hasMoved(from: indexes.published) }

  /// Whether the peer wants this side to wait for what comes next.
  package var isYieldRequested: Bool {
    // SYNC POINT with `RingWriter.requestYield`: only the value counts, nothing else is handed over with it.
    peer.loadRelaxed(RingLayout.yield) != 0
  }

  /// Lends the frames that are there one after the other, at most so many, and answers how many there were. A frame is
  /// valid for the time of the call. After a fault nothing more can be read; frames before it were lent already.
  package mutating func read(
    atMost limit: Int = .max, _ body: (Span<UInt8>) -> Void
  ) throws(RingFault) -> Int {
    if let fault { throw fault }
    do {
      var count = 0
      while count < limit {
        if indexes.isEmpty {
          try refresh()
          if indexes.isEmpty { break }
        }
        let length = try copyFrame()
        if let index = indexes.free() { waker.store(index) }
        body(unsafe UnsafeBufferPointer(start: copy.baseAddress, count: length).span)
        count += 1
      }
      return count
    } catch {
      fault = error
      throw error
    }
  }

  /// Waits until there is something to read, at most for the given time, for ever without one. Answers whether there is.
  ///
  /// - Parameter isInterrupted: ends the wait when it is true before a sleep or after one that `interrupter` has ended.
  package mutating func wait(
    spinning permission: SpinPermission, timeout: Duration? = nil, isInterrupted: () -> Bool = { false }
  ) throws(SystemError) -> Bool {
    if !indexes.isEmpty || fault != nil { return true }
    return try sleeper.wait(from: indexes.published, permission, timeout: timeout, isInterrupted: isInterrupted)
  }

  /// What another thread of this process ends a wait with.
  package var interrupter: RingInterrupter { RingInterrupter(peer: peer) }

  /// Before a sleep on sockets and the doorbell: says that frames are to be rung for. False when there is something to
  /// read. Call `disarm` after the sleep, whatever ended it.
  package func arm() -> Bool {
    if !indexes.isEmpty || fault != nil { return false }
    return sleeper.announce(.doorbell, from: indexes.published)
  }

  package func disarm() { sleeper.awaken() }

  /// Where the peer ran when it last published, or where it will not run when it is woken.
  package var peersPlace: RingPlace { sleeper.peersPlace }

  private mutating func refresh() throws(RingFault) {
    // SYNC POINT with `RingWaker.store` of the writer: acquires, so that the bytes of every frame before this index are
    // those that were written.
    try indexes.peerPublished(peer.loadAcquiring(RingLayout.writeIndex))
  }

  /// Copies the next frame and answers its length.
  @inline(__always)
  private mutating func copyFrame() throws(RingFault) -> Int {
    let geometry = indexes.geometry
    let length = try indexes.length(peer.lengthWord(geometry.place(indexes.consumed)))
    let (place, first) = geometry.pieces(at: indexes.consumed &+ RingGeometry.lengthSize, count: length)
    // The length is at most the largest frame, which `copy` holds; both pieces end within the capacity, which is mapped.
    // A writer that changes the bytes meanwhile spoils its own frame and nothing else.
    if let start = unsafe copy.baseAddress {
      unsafe csm_copy(start, peer.bytes(place), first)
      if first < length { unsafe csm_copy(start + first, peer.bytes(0), length - first) }
    }
    indexes.consume(length: length)
    return length
  }
}
