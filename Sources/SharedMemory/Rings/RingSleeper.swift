import CSharedMemory

/// The sleeping half of a wait: until the peer's index differs from the one that is known, first awake and then asleep.
/// `RingWaker` says why no wake-up is lost.
struct RingSleeper {
  /// How often the index is looked at before the clock is: about a microsecond.
  private static let glances = 48
  /// How many of these come one right after the other, for a peer that is about to answer.
  private static let eagerGlances = 16

  private let own: RingWords
  private let sleepOffset: Int
  private let peer: RingWords
  private let indexOffset: Int
  var policy = SpinPolicy()
  private var separation = SeparationPolicy()

  init(own: RingWords, sleepOffset: Int, peer: RingWords, indexOffset: Int) {
    self.own = own
    self.sleepOffset = sleepOffset
    self.peer = peer
    self.indexOffset = indexOffset
  }

  @inline(__always)
  func hasMoved(from known: UInt64) -> Bool { peer.loadRelaxed(indexOffset) != known }

  /// Waits until the index has moved, at most for the given time; answers whether it has. `isInterrupted` is asked before
  /// each sleep and after it.
  mutating func wait(
    from known: UInt64, _ permission: SpinPermission, timeout: Duration?, isInterrupted: () -> Bool = { false }
  ) throws(SystemError) -> Bool {
    if hasMoved(from: known) { return true }
    var start: Int64?
    if !policy.isOff, isPermitted(permission) {
      for glance in 0..<Self.glances {
        if glance >= Self.eagerGlances { csm_pause() }
        if hasMoved(from: known) {
          policy.waited(0, hasSlept: false)
          separation.metAwake()
          return true
        }
      }
      let begin = MonotonicClock.nanoseconds()
      start = begin
      if spin(from: known, permission, since: begin, limit: timeout.map(Self.nanoseconds)) {
        policy.waited(MonotonicClock.nanoseconds() - begin, hasSlept: false)
        separation.metAwake()
        return true
      }
    }
    let begin = start ?? MonotonicClock.nanoseconds()
    let deadline = timeout.map { begin.addingSaturated(Self.nanoseconds($0)) }
    let hasMoved = try sleep(from: known, until: deadline, isInterrupted)
    let now = MonotonicClock.nanoseconds()
    policy.waited(now - begin, hasSlept: true)
    if hasMoved, policy.budget > 0, isPermitted(permission),
      separation.slept(now - begin, onPeersProcessor: peersPlace.processor == Processors.current, now: now)
    {
      Processors.leave(peersPlace.processor)
    }
    return hasMoved
  }

  /// Where the peer ran when it last published.
  // SYNC POINT with `RingWriter.publish`: only the value counts, and an old one costs nothing but time.
  var peersPlace: RingPlace { RingPlace(word: peer.loadRelaxed(RingLayout.place)) }

  /// Says that this side is going to sleep in the given way, unless the index has moved; answers whether it may sleep.
  func announce(_ way: RingSleep.Way, from known: UInt64) -> Bool {
    // SYNC POINT with `RingWaker.store`: in one order with the load below and the waker's two.
    own.storeSequentially(RingSleep(way, known: known).word, sleepOffset)
    if peer.loadSequentially(indexOffset) == known { return true }
    awaken()
    return false
  }

  /// Takes the announcement back. A waker that still sees it wakes once in vain.
  func awaken() { own.storeRelaxed(RingSleep.awake.word, sleepOffset) }

  private func isPermitted(_ permission: SpinPermission) -> Bool {
    switch permission {
    case .denied: false
    case .granted: true
    // SYNC POINT with `RingWriter.permitSpinning`: only the value counts, nothing else is handed over with it.
    case .byPeer: peer.loadRelaxed(RingLayout.spinPermit) == 1
    }
  }

  private func spin(from known: UInt64, _ permission: SpinPermission, since begin: Int64, limit: Int64?) -> Bool {
    let budget = min(policy.budget, limit ?? .max)
    while MonotonicClock.nanoseconds() - begin < budget, isPermitted(permission) {
      for _ in 0..<Self.glances {
        if hasMoved(from: known) { return true }
        csm_pause()
      }
    }
    return hasMoved(from: known)
  }

  private func sleep(
    from known: UInt64, until deadline: Int64?, _ isInterrupted: () -> Bool
  ) throws(SystemError) -> Bool {
    while announce(.futex, from: known) {
      if isInterrupted() {
        awaken()
        return false
      }
      let rest = deadline.map { max(0, $0 - MonotonicClock.nanoseconds()) }
      let result = sleepOnce(known, rest)
      awaken()
      try SystemError.check(result, "sleep until a peer's ring moves")
      if hasMoved(from: known) { return true }
      if result == 0 || isInterrupted() { return false }
      // A signal, or a wake-up that was meant for the sleep before.
    }
    return true
  }

  /// Answers what `csm_futex_wait` does.
  private func sleepOnce(_ known: UInt64, _ rest: Int64?) -> Int32 {
    // The peer's memory is mapped as long as `peer` lives; for a futex that nobody changes here, reading is enough.
    func sleep(_ nanoseconds: Int64) -> Int32 {
      unsafe csm_futex_wait(peer.address(indexOffset), UInt32(truncatingIfNeeded: known), nanoseconds)
    }
    guard separation.isApart, policy.budget > 0 else { return sleep(rest ?? -1) }
    own.storeRelaxed(RingPlace(processor: Processors.current, isLeaving: true).word, RingLayout.place)
    let result = Processors.rest(awayFrom: peersPlace.processor) { sleep(min(rest ?? .max, SeparationPolicy.rest)) }
    // Whoever sleeps longer is woken where that is soonest.
    return result == 0 ? sleep(rest.map { max(0, $0 - SeparationPolicy.rest) } ?? -1) : result
  }

  private static func nanoseconds(_ duration: Duration) -> Int64 {
    let (seconds, attoseconds) = duration.components
    // A hundred years is as good as for ever.
    return min(max(seconds, 0), 3_000_000_000) * 1_000_000_000 + max(attoseconds, 0) / 1_000_000_000
  }
}

extension Int64 {
  fileprivate func addingSaturated(_ other: Int64) -> Int64 {
    let (sum, hasOverflowed) = addingReportingOverflow(other)
    return hasOverflowed ? .max : sum
  }
}
