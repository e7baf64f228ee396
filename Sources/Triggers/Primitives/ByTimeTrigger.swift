import Dataflow

/// `byTime`: fires at the end of every window, on what came in it. Windows follow each other without a gap, are aligned to the
/// Unix epoch, and an object belongs to the one that is open when it comes.
///
/// A wall clock may jump. Forward, it ends the open window. Backward, it could hold a window open for hours; so a window also
/// ends when it has been open for its own length on the monotonic clock.
struct ByTimeTrigger: TriggerPrimitive {
  let window: Duration
  let fireEmpty: Bool
  private var held: [ObjectReference] = []
  private var open: Open?
  private(set) var due: Duration?

  private struct Open {
    /// On the wall clock.
    var end: Duration
    /// On the monotonic clock.
    var latest: Duration

    func isOver(at now: Moment) -> Bool { now.wall >= end || now.monotonic >= latest }
    func due(from now: Moment) -> Duration { min(now.monotonic + (end - now.wall), latest) }
  }

  init(window: Duration, fireEmpty: Bool) {
    self.window = max(window, .milliseconds(1))
    self.fireEmpty = fireEmpty
  }

  mutating func began(now: Moment) -> TriggerVerdict {
    if fireEmpty { openWindow(now) }
    return .wait
  }

  mutating func objectArrived(_ object: ObjectReference, now: Moment) -> TriggerVerdict {
    let verdict = endWindow(now)
    if open == nil { openWindow(now) }
    held.append(object)
    return verdict
  }

  mutating func timeCame(now: Moment) -> TriggerVerdict {
    let verdict = endWindow(now)
    due = open?.due(from: now)
    return verdict
  }

  /// The trigger is to go: the open window ends early.
  mutating func bucketIdle() -> TriggerVerdict {
    open = nil
    due = nil
    return held.isEmpty ? .wait : flush()
  }

  var awaited: Awaited? {
    if open == nil { return Awaited("an object (for a window of \(DurationText.format(window)))", from: .bucket) }
    return Awaited("the end of a window with \(held.isEmpty ? "nothing" : Awaited.objects(held.count))", from: .time)
  }

  var heldCount: Int { held.count }

  private mutating func openWindow(_ now: Moment) {
    // The remainder of a negative time is negative; the window before the epoch ends at it all the same.
    let length = window.wholeNanoseconds
    let into = now.wall.wholeNanoseconds % length
    let left = length - (into < 0 ? into + length : into)
    let opened = Open(end: now.wall + .nanoseconds(left), latest: now.monotonic + window)
    open = opened
    due = opened.due(from: now)
  }

  private mutating func endWindow(_ now: Moment) -> TriggerVerdict {
    guard let current = open, current.isOver(at: now) else { return .wait }
    open = nil
    due = nil
    let verdict = held.isEmpty && !fireEmpty ? .wait : flush()
    if fireEmpty { openWindow(now) }
    return verdict
  }

  private mutating func flush() -> TriggerVerdict {
    defer { held = [] }
    return .fire(held)
  }
}
