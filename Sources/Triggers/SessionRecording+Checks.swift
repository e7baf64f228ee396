import Dataflow

/// A file may hold anything, and the engine trusts what it is given: a wrong index or a time that overflows would end the
/// program that replays it.
extension SessionRecording {
  /// 317 years. The longest product that is made of a duration stays far below what a `Duration` holds.
  private static let longest = Duration.seconds(10_000_000_000)

  func checkValues() throws {
    try check(startedAt, "the recording's start")
    try checkPlan()
    let triggers = CompiledPlan(plan).triggers.count
    for (number, step) in steps.enumerated() {
      try check(step.at, "the time of step \(number)")
      switch step.event {
      case .requested(let function, _): try check(function, below: plan.functions.count, number, "function")
      case .enteredBucket(let bucket, _, _, _): try check(bucket, below: plan.buckets.count, number, "bucket")
      case .derived(let trigger, _, _): try check(trigger, below: triggers, number, "trigger")
      case .timedOut(let limit): try check(limit, "the time limit of step \(number)")
      default: continue
      }
    }
  }

  private func checkPlan() throws {
    for function in plan.functions {
      try check(function.retry.backoff, "the back-off of function \"\(function.name)\"")
    }
    for recovery in plan.buckets.flatMap(\.triggers).compactMap(\.recovery) {
      try check(recovery.timeout, "the time limit of the recovery of function \"\(recovery.source)\"")
    }
    try check(plan.sessionTimeout, "the plan's session timeout")
  }

  private func check(_ index: Int, below count: Int, _ step: Int, _ what: String) throws {
    guard (0..<count).contains(index) else {
      throw ReplayError("step \(step) of the recording names \(what) \(index), and its plan has \(count)")
    }
  }

  private func check(_ moment: Moment, _ what: String) throws {
    try check(moment.monotonic, what)
    try check(moment.wall, what)
  }

  private func check(_ duration: Duration, _ what: String) throws {
    guard (.zero - Self.longest...Self.longest).contains(duration) else {
      throw ReplayError("\(what) is out of range; the file is damaged, or was not written by a recording")
    }
  }
}
