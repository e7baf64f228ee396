import CSharedMemory

/// The waking half of a wait: stores an index that the peer may wait for, and wakes the peer if it sleeps.
///
/// **Why no wake-up is lost.** The waker does (1) `index = new`, (2) read `sleep`. The sleeper (`RingSleeper`) does (3)
/// `sleep = announcement`, (4) read `index`. All four are sequentially consistent, so they have one order that both sides
/// agree on. If (2) comes before (3), then (1) does so too, and (4) sees the new index: the sleeper does not sleep. If (2)
/// comes after (3), the waker sees the announcement and wakes. A futex that is woken before its sleeper has reached the
/// kernel is no loss either: the kernel compares the index with the old one and does not let it sleep; a bell stays
/// rung until it is taken. That the lower half of the index stands for all of it is right because the index moves
/// by at most the capacity while the other side stands still, never by 2³².
///
/// **Why once is enough.** An announcement says which index its sleeper knows. A waker whose index is that one has nothing
/// new to tell: the sleeper announced itself after it had seen it. One whose index is another wakes once for this
/// announcement, because indexes only grow: whoever makes the same announcement later finds in (4) that the index
/// is not that one any more. To compare the announcements alone would not do: a waker may be so slow between (1) and (2)
/// that the sleeper has dealt with the index in between, and the wake-up that it then spends in vain would be the last.
struct RingWaker {
  private let own: RingWords
  private let indexOffset: Int
  private let peer: RingWords
  private let sleepOffset: Int
  private let doorbell: Doorbell?
  private var woken = RingSleep.awake
  /// How often the kernel was asked to wake the peer.
  private(set) var wakeups = 0

  init(own: RingWords, indexOffset: Int, peer: RingWords, sleepOffset: Int, doorbell: Doorbell?) {
    self.own = own
    self.indexOffset = indexOffset
    self.peer = peer
    self.sleepOffset = sleepOffset
    self.doorbell = doorbell
  }

  @inline(__always)
  mutating func store(_ index: UInt64) {
    // SYNC POINT with `RingReader.refresh` and `RingWriter.refresh`: releases what was done before, the bytes of frames
    // that are published, or the copying of frames whose place is given back.
    // SYNC POINT with `RingSleeper.announce`: in one order with the load below and the sleeper's two.
    own.storeSequentially(index, indexOffset)
    let sleep = RingSleep(word: peer.loadSequentially(sleepOffset))
    if sleep.way != .awake { wake(sleep, index) }
  }

  @inline(never)
  private mutating func wake(_ sleep: RingSleep, _ index: UInt64) {
    guard sleep != woken, sleep.known != index else { return }
    woken = sleep
    switch sleep.way {
    case .futex:
      wakeups += 1
      // Our own memory is mapped as long as `own` lives, and waking cannot fail for a mapped, aligned word.
      _ = unsafe csm_futex_wake(own.address(indexOffset))
    case .doorbell:
      guard let doorbell else { return }
      wakeups += 1
      doorbell.ring()
    case .awake, nil: break
    }
  }
}
