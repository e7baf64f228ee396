import CSharedMemory
import SharedMemory

/// When the loop itself spins, and which workers may, so that idle spinners never take the last processor.
struct SpinControl {
  /// The loop, among the members of the permits; workers are called by their connections.
  private static let loopMember = 0
  /// How many looks come between two at the clock.
  private static let glances = 32

  private var permits: SpinPermits
  private var policy: SpinPolicy
  /// When the loop has begun to wait for what it expects.
  private var waitingSince: Int64?
  private var mayLoopSpin = false
  private var separation = SeparationPolicy()
  /// A worker was woken since the loop waited last.
  private var isWaking = false
  /// The worker that was given something last.
  private(set) var expected: UInt64?

  init(budget: ProcessorBudget = .current(), settings: SpinSettings = SpinSettings()) {
    permits = SpinPermits(limit: settings.permits(of: budget))
    policy = SpinPolicy(limits: settings.limits)
  }

  /// Whom to tell that it must not spin any more, and whom that it may.
  struct Change: Hashable {
    var revoked: UInt64?
    var granted: UInt64?

    static let none = Change()

    fileprivate init(revoked: Int? = nil, granted: Int? = nil) {
      if let revoked, revoked != loopMember { self.revoked = UInt64(revoked) }
      if let granted, granted != loopMember { self.granted = UInt64(granted) }
    }
  }

  /// The loop has nothing to do. It has a permit of its own while it expects a report, which is sooner than that an idle
  /// worker is given something.
  mutating func loopBecameIdle(isExpecting: Bool) -> Change {
    guard isExpecting else {
      mayLoopSpin = false
      waitingSince = nil
      separation.rested()
      return Change(granted: permits.becameBusy(Self.loopMember).granted)
    }
    guard waitingSince == nil else { return .none }
    waitingSince = MonotonicClock.nanoseconds()
    let change = permits.becameIdle(Self.loopMember)
    mayLoopSpin = permits.isHolding(Self.loopMember)
    return Change(revoked: change.revoked)
  }

  /// There was work before the loop waited: a wait that had begun does not count.
  mutating func loopFoundWork() { waitingSince = nil }

  /// Whether to sleep where the worker that is expected does not run.
  var isApart: Bool { separation.isApart && waitingSince != nil && policy.budget > 0 }

  /// The loop was woken, perhaps on the processor of the worker that it expected. Answers whether to go elsewhere.
  mutating func loopBecameBusy(besideWorker isShared: Bool) -> Bool {
    guard let start = waitingSince, mayLoopSpin, policy.budget > 0 else {
      workCame(hasSlept: true)
      return false
    }
    workCame(hasSlept: true)
    let now = MonotonicClock.nanoseconds()
    return separation.slept(now - start, onPeersProcessor: isShared, now: now)
  }

  /// Looks for work until the policy says that it is time to sleep. True when there is some. `isShared`: the worker that is
  /// expected has run on this processor, where it cannot report while the loop spins.
  mutating func spin(besideWorker isShared: Bool, _ hasWork: () -> Bool) -> Bool {
    guard mayLoopSpin, !policy.isOff, let start = waitingSince else { return false }
    let isWaking = isWaking
    self.isWaking = false
    if isWaking {
      // If it was woken here, now it runs.
      csm_yield()
      if isShared { return false }
    }
    let budget = isWaking ? policy.budgetAfterWaking : policy.budget
    repeat {
      for _ in 0..<Self.glances {
        if hasWork() {
          workCame(hasSlept: false)
          return true
        }
        csm_pause()
      }
    } while MonotonicClock.nanoseconds() - start < budget
    return false
  }

  private mutating func workCame(hasSlept: Bool) {
    if waitingSince != nil, !hasSlept { separation.metAwake() }
    if let start = waitingSince { policy.waited(MonotonicClock.nanoseconds() - start, hasSlept: hasSlept) }
    waitingSince = nil
    // Nobody is granted what the loop gives back: the worker that it waits for keeps its own and is idle next.
    _ = permits.becameBusy(Self.loopMember)
  }

  mutating func workerBecameIdle(_ connection: UInt64) -> Change {
    let change = permits.becameIdle(Int(connection))
    return Change(revoked: change.revoked, granted: change.granted)
  }

  /// A worker is about to be given something. It keeps its permit while it is busy, since it is the one that becomes idle
  /// last. The loop takes its own already: who spins on would be in the way of a worker that has to wake.
  mutating func workerBecomesBusy(_ connection: UInt64) -> Change {
    expected = connection
    isWaking = false
    _ = permits.becameBusy(Int(connection))
    return Change(revoked: permits.becameIdle(Self.loopMember).revoked)
  }

  /// The worker had to be woken for it.
  mutating func workerWasAsleep() { isWaking = true }

  mutating func workerLeft(_ connection: UInt64) -> Change {
    Change(granted: permits.becameBusy(Int(connection)).granted)
  }
}
