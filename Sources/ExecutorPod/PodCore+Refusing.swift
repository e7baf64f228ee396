import Dataflow
import Scheduling
import Triggers
import Wire

/// Attempts that no executor can be given.
extension PodCore {
  /// An input takes its names and less than this in a frame.
  private static let bytesPerInput = 48
  /// So many inputs always fit: bucket, key and group have at most some kilobytes.
  private static let smallFiring = 1024

  /// Why the attempt cannot be sent to an executor: the SDK closes a connection over which a frame above the limit comes, so
  /// that every attempt would end with the death of its executor.
  func objection(toSending attempt: PodAttempt) -> String? {
    let inputs = attempt.attempt.inputs
    guard inputs.count > Self.smallFiring, let session = sessions[attempt.session] else { return nil }
    let plan = session.engine.compiled.plan
    var size = 256 + attempt.function.utf8.count + session.name.utf8.count + attempt.attempt.firing.byteCount
    for input in inputs {
      let bucket = input.bucket.map { plan.buckets[$0].name.utf8.count } ?? 0
      size += Self.bytesPerInput + bucket + input.key.byteCount + (input.group?.utf8.count ?? 0)
    }
    guard size > SidecarFrame.sizeLimit else { return nil }
    return "a firing \(origin(of: attempt, plan)) has \(inputs.count) inputs, whose names take "
      + "\(Quantity.format(size)), and an invocation takes at most \(Quantity.format(SidecarFrame.sizeLimit)) of them; "
      + "let the trigger take fewer objects at once (a smaller count, a shorter window, more groups, fewer announced "
      + "keys), or give them shorter keys"
  }

  /// The triggers that can have fired the attempt; more than one only where two lead from one bucket to one function.
  private func origin(of attempt: PodAttempt, _ plan: WorkflowPlan) -> String {
    guard let index = attempt.attempt.inputs.first?.bucket else { return "of \(attempt.function)" }
    let bucket = plan.buckets[index]
    let names = bucket.triggers.filter { $0.target == attempt.function }.map { "\(bucket.name)/\($0.name)" }
    return "of \(names.joined(separator: " or "))"
  }

  /// Fails an attempt for good that the scheduler has given to an executor; that goes on to the next one.
  mutating func refuse(
    _ number: AttemptTable.Key, _ attempt: PodAttempt, on executor: UInt32, _ objection: String, now: Moment
  ) {
    scheduler.executorBecameIdle(executor)
    failUnsent(number, attempt, objection, now: now)
  }

  /// Fails an attempt for good that no executor was sent, and that nothing else has a note of any more.
  mutating func failUnsent(_ number: AttemptTable.Key, _ attempt: PodAttempt, _ message: String, now: Moment) {
    tell(
      attempt.session,
      .attemptStarted(
        invocation: attempt.name.invocation, attempt: attempt.name.attempt, executor: identity.podName), now: now)
    drop(number)
    fail(attempt, number, message: message, isRetryable: false, now: now)
    loadIsDue = true
  }
}
