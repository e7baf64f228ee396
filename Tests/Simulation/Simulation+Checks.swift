import Dataflow
import ExecutorPod
import ObjectStore
import Triggers

/// What has to hold after every step.
extension Simulation {
  mutating func check() {
    checkMemory()
    checkTables()
    for connection in connections {
      if let run = workers[connection]?.run { read(run.invoke, on: connection, isThorough: false) }
    }
  }

  private mutating func checkMemory() {
    if memory.segments.count != core.ledger.segmentCount {
      fail(.memory, "there are \(memory.segments.count) segments, and the ledger has \(core.ledger.segmentCount)")
    }
    if memory.used != core.ledger.used {
      fail(.memory, "the segments have \(memory.used) bytes, and the ledger counts \(core.ledger.used)")
    }
    if core.ledger.used > core.ledger.limit {
      fail(.memory, "\(core.ledger.used) bytes are used of \(core.ledger.limit)")
    }
  }

  private mutating func checkTables() {
    // Derived sessions are known from their first attempt on.
    let unseen = core.sessions.values.count {
      $0.origin != nil && $0.endedAt == nil && models[$0.engine.session] == nil
    }
    let active = models.values.count { $0.end == nil } + unseen
    if core.activeSessions != active {
      fail(.tables, "\(active) sessions run, and the pod counts \(core.activeSessions)")
    }
    let greeted = workers.values.count(where: \.isGreeted)
    if core.executors.count != greeted {
      fail(.tables, "\(greeted) workers are connected, and the pod has \(core.executors.count)")
    }
    let needed =
      core.sessions.count + core.attempts.count
      + models.values.reduce(0) { $0 + ($1.end == nil ? $1.firings.count : 0) }
    if core.timers.storedCount > 8 * needed + 256 {
      fail(
        .tables,
        "\(core.timers.storedCount) timers for \(core.sessions.count) sessions and \(core.attempts.count) attempts")
    }
  }

  /// No trigger across sessions holds what it should have passed on.
  mutating func checkGathered() {
    var held: [String: Int] = [:]
    for count in core.gathering.pendingCounts { held["\(count.bucket)/\(count.trigger)", default: 0] += count.pending }
    if let overdue = gatherings.overdue(held, at: now) { fail(.firings, overdue) }
  }

  /// Sessions whose time is over have ended.
  mutating func checkDeadlines() {
    for model in models.values where model.end == nil && model.deadline <= now.monotonic {
      fail(
        .sessionEnds,
        "session \(model.name) goes on \(DurationText.format(now.monotonic - model.deadline)) after its timeout")
    }
  }
}
