import CSharedMemory

/// The writing end of a ring. Frames are staged with `tryWrite` and become visible together with `publish`.
package struct RingWriter: ~Copyable, Sendable {
  private let own: RingWords
  private let peer: RingWords
  private var indexes: RingWriteIndexes
  private var waker: RingWaker
  private var sleeper: RingSleeper

  init(own: RingWords, capacity: Int, peer: RingPeer, doorbell: Doorbell?) {
    self.own = own
    self.peer = peer.words
    indexes = RingWriteIndexes(geometry: RingGeometry(capacity: UInt64(capacity)))
    waker = RingWaker(
      own: own, indexOffset: RingLayout.writeIndex, peer: peer.words, sleepOffset: RingLayout.readerSleep,
      doorbell: doorbell)
    sleeper = RingSleeper(
      own: own, sleepOffset: RingLayout.writerSleep, peer: peer.words, indexOffset: RingLayout.readIndex)
  }

  /// The most bytes of one frame: nearly half of the ring.
  package var largestFrame: Int { indexes.geometry.largestFrame }

  /// How often the peer was asleep and had to be woken. No other call of the writer enters the kernel but its waits.
  package var wakeups: Int { waker.wakeups }

  /// How long to spin for room before sleeping.
  package var spinPolicy: SpinPolicy {
    get { sleeper.policy }
    set { sleeper.policy = newValue }
  }

  /// Copies a frame into the ring; the peer sees it after `publish`. False, and nothing has happened, when there is no
  /// room. A frame longer than `largestFrame` will never find any: asking for one is a mistake of the caller.
  package mutating func tryWrite(_ frame: Span<UInt8>) throws(RingFault) -> Bool {
    let length = frame.count
    precondition(length <= largestFrame, "a frame of \(length) bytes is too long for the ring; split it")
    guard let index = try place(length) else { return false }
    let geometry = indexes.geometry
    let (place, first) = geometry.pieces(at: index &+ RingGeometry.lengthSize, count: length)
    // The room was given back by the reader, and no other thread of this process writes: there is one writer, not
    // copyable. Both pieces end within the capacity.
    unsafe own.bytes(geometry.place(index)).storeBytes(of: UInt32(length), as: UInt32.self)
    unsafe frame.withUnsafeBytes { source in
      guard let bytes = source.baseAddress else { return }
      unsafe own.bytes(place).copyMemory(from: bytes, byteCount: first)
      if first < length { unsafe own.bytes(0).copyMemory(from: bytes + first, byteCount: length - first) }
    }
    return true
  }

  /// Shows the peer all frames that were staged, and wakes it if it sleeps.
  package mutating func publish() {
    guard let index = indexes.publish() else { return }
    // SYNC POINT with `RingSleeper.peersPlace`: only the value counts, and an old one costs nothing but time.
    own.storeRelaxed(RingPlace(processor: Processors.current).word, RingLayout.place)
    waker.store(index)
  }

  /// Waits until the peer has given back room, at most for the given time, for ever without one; publishes first, as the
  /// peer can only give back what it has seen. Answers whether there is more room: try again then.
  package mutating func waitForRoom(
    spinning permission: SpinPermission, timeout: Duration? = nil
  ) throws(SystemError) -> Bool {
    publish()
    return try sleeper.wait(from: indexes.freed, permission, timeout: timeout)
  }

  /// Before a sleep on sockets and the doorbell: publishes, and says that room is to be rung for. False when there is
  /// more room already. Call `disarm` after the sleep, whatever ended it.
  package mutating func arm() -> Bool {
    publish()
    return sleeper.announce(.doorbell, from: indexes.freed)
  }

  package func disarm() { sleeper.awaken() }

  /// Tells the peer whether it may spin while it waits. It sees that at once, also while it spins.
  package func permitSpinning(_ isPermitted: Bool) {
    // SYNC POINT with `RingSleeper.isPermitted`: only the value counts, nothing else is handed over with it.
    own.storeRelaxed(isPermitted ? 1 : 0, RingLayout.spinPermit)
  }

  /// Tells the peer whether it is to wait for what comes next instead of going on by itself.
  package func requestYield(_ isRequested: Bool) {
    // SYNC POINT with `RingReader.isYieldRequested`: only the value counts, nothing else is handed over with it.
    own.storeRelaxed(isRequested ? 1 : 0, RingLayout.yield)
  }

  private mutating func place(_ length: Int) throws(RingFault) -> UInt64? {
    if let index = indexes.stage(length: length) { return index }
    try refresh()
    return indexes.stage(length: length)
  }

  private mutating func refresh() throws(RingFault) {
    // SYNC POINT with `RingWaker.store` of the reader: acquires, so that no byte is written to a place before the reader
    // has copied what was there.
    try indexes.peerFreed(peer.loadAcquiring(RingLayout.readIndex))
  }
}
