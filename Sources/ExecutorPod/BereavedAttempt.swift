/// An attempt whose executor has ended, and that has not failed yet, so that it can say how that came.
package struct BereavedAttempt: Sendable {
  var attempt: PodAttempt
  var number: AttemptTable.Key
  /// The executor's container, and its process there.
  var container: String
  var process: UInt32
  var reason: String
  /// Until when it is waited for the supervisor's word, on the monotonic clock.
  var deadline: Duration
}
