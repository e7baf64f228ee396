/// Counts since the sidecar's epoch began.
package struct PodTotals: Sendable {
  package var succeeded: UInt64 = 0
  package var failed: UInt64 = 0
  package var invocations: UInt64 = 0
  /// Those of them that a worker has gone on with by itself.
  package var continued: UInt64 = 0
  /// By bucket and trigger.
  package var fired: [String: [String: UInt64]] = [:]
  /// Objects that derived sessions which failed were given, by bucket.
  package var deadLetters: [String: UInt64] = [:]
}
