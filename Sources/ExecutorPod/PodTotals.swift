import Dataflow

/// Counts since the sidecar's epoch began.
package struct PodTotals: Sendable {
  package var succeeded: UInt64 = 0
  package var failed: UInt64 = 0
  package var invocations: UInt64 = 0
  /// Those of them that a worker has gone on with by itself.
  package var continued: UInt64 = 0
  /// Attempts by how they ended.
  package var attemptsEnded = AttemptsEnded()
  /// How long attempts waited for an executor.
  package var queueTimes = DurationCounts()
  /// From the reading of a report until what it led to was given to an executor and written.
  package var handOvers = DurationCounts()
  /// By the ordinal of the primitive; of sessions that have ended.
  package var firings = [UInt64](repeating: 0, count: Primitive.fieldNames.count)
  /// By bucket and trigger.
  package var fired: [String: [String: UInt64]] = [:]
  /// Objects that derived sessions which failed were given, by bucket.
  package var deadLetters: [String: UInt64] = [:]

  package struct AttemptsEnded: Sendable, Hashable {
    package var committed: UInt64 = 0
    /// By an error of the function, a crash or a timeout; attempted again or not.
    package var failed: UInt64 = 0
    /// For want of memory, to be queued again.
    package var gaveWay: UInt64 = 0
    /// Nobody needed the result any more, or another attempt had been faster.
    package var unneeded: UInt64 = 0
  }
}
