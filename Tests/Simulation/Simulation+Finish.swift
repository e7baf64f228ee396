import Dataflow
import ExecutorPod
import ObjectStore
import Scheduling
import Triggers
import Wire

/// After the last step no faults come any more: whatever runs has to end soon, and everything has to come back.
extension Simulation {
  /// What goes on by itself in this many moves is a loop.
  private static let moveLimit = 100_000

  mutating func finish() {
    say("\(stamp) all is calm from now on")
    isCalm = true
    tape.calmDown()
    for connection in connections where workers[connection]?.run?.ending == .hang {
      if workers[connection]?.run?.isHanging == true { die(connection) }
      workers[connection]?.run?.ending = .commit
    }
    if !link.isOpen { openLink() }
    let helper = join(functionNames)
    settle()
    endSessions()
    guard failure == nil else { return }
    if let open = models.values.first(where: { $0.end == nil }) {
      return fail(.sessionEnds, "session \(open.name) does not end")
    }
    checkResults()
    forgetAll(helper)
  }

  /// Everything that can go on goes on until nothing can.
  private mutating func settle() {
    var moves = 0
    while failure == nil {
      let list = progress
      guard !list.isEmpty else { return }
      for next in list where failure == nil { go(next) }
      check()
      moves += list.count
      if moves > Self.moveLimit { return fail(.sessionEnds, "the pod is busy for ever, with nothing new coming in") }
    }
  }

  private mutating func endSessions() {
    let start = now.monotonic
    while failure == nil, let latest = models.values.filter({ $0.end == nil }).map(\.deadline).max() {
      checkStuck()
      guard failure == nil, let due = core.nextDeadline, now.monotonic <= max(start, latest) else { return }
      pass(max(.zero, due - now.monotonic))
      settle()
    }
  }

  private func isRetrying(_ session: String) -> Bool {
    guard let key = core.sessions.key(session), let engine = core.sessions[session]?.engine else { return false }
    return (0..<engine.invocationCount).contains { core.timers.isSet(.retry(session: key, invocation: $0)) }
  }

  /// Nothing is under way, no worker runs anything: what lives has to wait for a time.
  private mutating func checkStuck() {
    let hosted = Set(workers.values.flatMap(\.functions))
    let living = models.values.filter { $0.end == nil }
    let retrying = Set(living.map(\.name).filter(isRetrying))
    for model in living where !retrying.contains(model.name) {
      if model.plan.functions.contains(where: { !hosted.contains($0.name) }) { continue }
      // Memory is waited for that others may hold, who go on by themselves.
      let mayFreeMemory = !retrying.isEmpty || core.timers.isSet(.gathering)
      if !core.memoryRequests.isEmpty, mayFreeMemory { continue }
      return fail(.sessionEnds, "session \(model.name) is stuck: nothing runs and nothing is to come")
    }
  }

  /// Every result has come, unless it was forgotten before the coordinator could have it.
  private mutating func checkResults() {
    for model in models.values
    where model.origin != nil && !link.results.contains(model.name) && core.sessions[model.name] != nil {
      fail(.delivery, "the coordinator never got the result of \(model.name)")
    }
  }

  private mutating func forgetAll(_ helper: UInt64) {
    // Whatever is gathered goes by itself, before a drain would make it go.
    pass(gatherings.longestWait)
    settle()
    // Windows that fire empty would go on for ever.
    link.toPod.append(.drain)
    settle()
    for _ in 0..<1000 where failure == nil && !core.sessions.isEmpty {
      guard let due = core.nextDeadline else { break }
      pass(max(.zero, due - now.monotonic))
      settle()
    }
    for connection in connections { die(connection) }
    settle()
    check()
    guard failure == nil else { return }
    if let objection = gatherings.objection { fail(.firings, objection) }
    let ledger = core.ledger
    if !core.sessions.isEmpty { fail(.tables, "\(core.sessions.count) sessions were never forgotten") }
    if !core.attempts.isEmpty { fail(.tables, "\(core.attempts.count) attempts are left") }
    if !core.parked.isEmpty || core.scheduler.queuedCount > 0 { fail(.tables, "attempts are still queued") }
    if ledger.objectCount > 0 { fail(.memory, "\(ledger.objectCount) objects are left when nothing needs any") }
    if !ledger.bytesByBucket.isEmpty { fail(.memory, "bytes are still charged") }
    // The pod keeps the arena into which it writes payloads, which is empty.
    if ledger.used > ledger.arenaSize { fail(.memory, "\(ledger.used) bytes are in use when nothing needs any") }
    if !ledger.acceptsSessions { fail(.memory, "an empty pod takes no sessions") }
  }
}
