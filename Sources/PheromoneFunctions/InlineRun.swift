import SharedMemory
import Wire

/// An invocation and those that follow it on this worker without the sidecar's word.
struct InlineRun {
  private let continuations: Continuations?
  /// Nanoseconds of the monotonic clock.
  private let end: Int64
  private var hops = 0

  /// - Parameter continuations: nil when nothing may follow.
  init(_ continuations: Continuations?, now: @autoclosure () -> Int64 = MonotonicClock.nanoseconds()) {
    self.continuations = continuations
    end = continuations == nil ? 0 : now() + Continuations.timeLimit
  }

  /// What simply follows, if the run is not too long already.
  mutating func next(
    after invoke: SidecarFrame.Invoke, _ finished: WorkerFrame.Finished,
    now: @autoclosure () -> Int64 = MonotonicClock.nanoseconds()
  ) -> SidecarFrame.Invoke? {
    guard let continuations, let transaction = finished.transaction, hops < Continuations.hopLimit, now() < end else {
      return nil
    }
    hops += 1
    return continuations.next(after: invoke, transaction)
  }
}
