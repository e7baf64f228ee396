package import Triggers

/// Attempts by the number under which executors know them.
package typealias AttemptTable = SlotTable<PodAttempt>

/// One attempt that is queued or runs.
package struct PodAttempt: Sendable {
  package var session: SessionTable.Key
  /// Those that were queued later have a higher one.
  package var order: UInt64
  package var attempt: Attempt
  package var function: String
  package var executor: UInt32?
  /// Nobody needs its result any more; it still holds its executor.
  package var isAbandoned = false
  /// It was refused memory to let others through: its failure is none of its own.
  package var gaveWay: Yield?
  /// In ticks of the monotonic clock. It stands where the layout has a gap: attempts are copied several times at each
  /// hand-over, and a larger one would be felt there.
  private var queuedAt: UInt32
  /// How the attempt before, in whose place it is queued, gave way.
  package var parkedFor: Yield?

  /// How an attempt gives way for want of memory.
  package enum Yield: Sendable, Hashable {
    /// Others were running, and waited too.
    case besideOthers
    /// It ran alone and found no room even so, when so many objects had been freed.
    case alone(freed: UInt64)
  }

  package init(
    session: SessionTable.Key, order: UInt64, queuedAt: Duration, attempt: Attempt, function: String,
    parkedFor: Yield? = nil
  ) {
    self.session = session
    self.order = order
    self.queuedAt = Self.ticks(queuedAt)
    self.attempt = attempt
    self.function = function
    self.parkedFor = parkedFor
  }

  /// How long it has been queued, to a tick. They begin again after 78 minutes, so that whoever waits longer counts as one
  /// that has waited less.
  package func queueTime(now: Duration) -> Duration {
    Duration(attoseconds: Int128(Self.ticks(now) &- queuedAt) << Self.tickBits)
  }

  /// A tick is 2^40 attoseconds, 1.1 µs, since a shift costs nothing where a division would.
  private static let tickBits = 40

  private static func ticks(_ time: Duration) -> UInt32 { UInt32(truncatingIfNeeded: time.attoseconds >> tickBits) }

  var name: PodSession.AttemptName { .init(invocation: attempt.invocation, attempt: attempt.attempt) }
}
