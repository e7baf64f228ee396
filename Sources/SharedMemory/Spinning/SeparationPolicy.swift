/// Decides when one that sleeps until a peer has something for it is to be woken on another processor than the peer's.
///
/// The kernel likes to wake a sleeper where its waker runs, above all in a virtual machine, where a processor that is
/// halted counts as taken. For one message that is best: the other processor would have to be started first. But two that
/// exchange many do not meet awake there, as each keeps the other from running until it sleeps. So whoever awoke
/// `patience` times in a row on the processor of its peer, after short sleeps, leaves that, and stays away from it in the
/// sleeps that follow, until it sleeps for `rest` or longer.
///
/// A move costs some tens of microseconds, and pays once both meet awake. If among `trial` sleeps there were not
/// `worthwhile` waits without one, both are left to the kernel for a pause, of 1 ms first and twice as long each time, up
/// to 128 ms.
package struct SeparationPolicy: Sendable {
  static let patience = 3
  static let trial = 8
  static let worthwhile = 16
  /// Durations in nanoseconds.
  package static let rest: Int64 = 1_000_000
  static let shortestPause: Int64 = 500_000
  static let longestPause: Int64 = 4_000_000

  /// Whether to stay away from the peer's processor in the next sleep.
  package private(set) var isApart = false
  /// Sleeps in a row that ended on the peer's processor.
  private var together = 0
  private var sleeps = 0
  private var meetings = 0
  private var pause = Self.shortestPause
  private var earliest = Int64.min

  package init() {}

  /// A wait was over without a sleep.
  package mutating func metAwake() {
    together = 0
    if meetings < Self.worthwhile { meetings += 1 }
  }

  /// Nothing is expected soon.
  package mutating func rested() {
    isApart = false
    together = 0
  }

  /// A sleep is over, instead of which spinning was worth a try. Answers whether to leave the processor now; the duration
  /// and the time in nanoseconds.
  package mutating func slept(_ duration: Int64, onPeersProcessor: Bool, now: Int64) -> Bool {
    if duration >= Self.rest {
      rested()
      return false
    }
    if isApart { judge(now: now) }
    guard onPeersProcessor else {
      together = 0
      return false
    }
    if isApart { return true }
    together += 1
    guard together >= Self.patience, now >= earliest else { return false }
    isApart = true
    (together, sleeps, meetings) = (0, 0, 0)
    return true
  }

  private mutating func judge(now: Int64) {
    sleeps += 1
    guard sleeps == Self.trial else { return }
    if meetings == Self.worthwhile {
      pause = Self.shortestPause
    } else {
      isApart = false
      earliest = now + pause
      pause = min(2 * pause, Self.longestPause)
    }
    (sleeps, meetings) = (0, 0)
  }
}
