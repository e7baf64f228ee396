import Dataflow

@testable import Triggers

/// What is compared with the model, after each event and at the end.
extension SessionRun {
  func name(_ attempt: Attempt) -> String { bench.name(of: attempt) }

  func isTaken(_ put: Commit.Put, by attempt: Attempt) -> Bool {
    model.isTaken(put.key.text, in: put.bucket, by: attempt.invocation)
  }

  /// Whether a commit has to be refused: the bucket is not there, or a key is taken or comes twice.
  func isRefused(_ commit: Commit, by attempt: Attempt) -> Bool {
    let places = commit.puts.map { [$0.bucket, $0.key.text] }
    return Set(places).count < places.count
      || commit.puts.contains { $0.bucket == "nowhere" || isTaken($0, by: attempt) }
  }

  /// Lets an event happen, and tells the model what lives afterwards.
  mutating func observe(_ event: (inout EngineBench) -> Void) {
    let wasOver = bench.ended != nil
    let known = bench.firings.count
    let pausing = Set(bench.pauses.map(\.invocation))
    event(&bench)
    guard !wasOver else { return }
    let new = bench.firings[known...]
    for firing in new {
      functionOf[firing.invocation] = name(firing)
      seen[firing.firing.text] = (model.event, name(firing), firing.inputs.map(\.handle))
    }
    checkAttempts()
    let live = Set((bench.queued + bench.running).map(\.invocation) + bench.pauses.map(\.invocation))
    if let ended = bench.ended { endedIn = ended.state == .succeeded || ended.state == .stalled ? nil : model.event }
    if bench.ended == nil, live.isEmpty { objections.append("event \(model.event): nothing lives, and it goes on") }
    if endedIn == nil {
      let firingOf = Dictionary(uniqueKeysWithValues: new.map { ($0.invocation, $0.firing.text) })
      model.eventEnded(
        live: live.sorted().map { (functionOf[$0] ?? "", firingOf[$0]) }, new: Set(new.map(\.firing.text)),
        now: bench.now)
    }
    checkHeld()
    let gone = pausing.subtracting(live)
    if bench.ended == nil, let last = model.superfluous.last {
      for invocation in gone where !last.contains(functionOf[invocation] ?? "") {
        objections.append("event \(model.event): invocation \(invocation) is gone from its back-off")
      }
    }
    model.event += 1
  }

  /// Nothing is freed that something may still need, and nothing is held that nothing does.
  private mutating func checkHeld() {
    guard bench.ended == nil else { return }
    let needed = model.held.union(bench.needed).union(bench.heldOutputs)
    for handle in bench.held.subtracting(needed).sorted() {
      objections.append("event \(model.event): object \(handle) is held, and nothing needs it")
    }
    for handle in needed.subtracting(bench.held).sorted() {
      objections.append("event \(model.event): object \(handle) is needed, and was freed")
    }
  }

  private mutating func checkAttempts() {
    for attempt in bench.queued where committed.contains(attempt.invocation) {
      objections.append("\(name(attempt)) (\(attempt.invocation)) is run again though it has committed")
    }
    let plan = bench.engine.compiled.plan
    for (invocation, attempts) in Dictionary(grouping: bench.queued + bench.running, by: \.invocation) {
      let function = plan.functions.first { $0.name == functionOf[invocation] }
      let watches = plan.buckets.flatMap(\.triggers).compactMap(\.recovery).filter { $0.source == function?.name }
      let extra = watches.map(\.limit).max() ?? 0
      if attempts.count > 1 + extra {
        objections.append("invocation \(invocation) has \(attempts.count) attempts at once")
      }
      let limit = 1 + (function?.retry.limit ?? 0) + extra
      if attempts.contains(where: { $0.attempt > limit }) {
        objections.append("invocation \(invocation) has more than \(limit) attempts")
      }
    }
  }

  /// A session that was ended early may have done less in its last event; nothing else is missing, more or different.
  func firingObjections() -> [String] {
    var objections: [String] = []
    var unexpected = seen
    for firing in model.expected {
      guard let found = unexpected.removeValue(forKey: firing.id) else {
        let isNeeded =
          model.superfluous.indices.contains(firing.event)
          && !model.superfluous[firing.event].contains(firing.function)
        if isNeeded { objections.append("event \(firing.event): \(firing.rule) should fire on \(firing.handles)") }
        continue
      }
      if found.event != firing.event || found.function != firing.function || found.handles != firing.handles {
        objections.append("\(firing.rule) should fire in event \(firing.event) on \(firing.handles), not as \(found)")
      }
      if firing.event > 0, model.superfluous[firing.event - 1].contains(firing.function) {
        objections.append("event \(firing.event): \(firing.function) is invoked though nobody needs it")
      }
    }
    // At its limit a session ends in the middle of closing, which the model does not follow.
    let isLimited = bench.ended?.message.contains("as many as it may") == true
    for (_, found) in unexpected.filter({ !isLimited || $0.value.event != endedIn }).sorted(by: {
      $0.value.event < $1.value.event
    }) {
      objections.append("event \(found.event): \(found.function) is invoked on \(found.handles) for no reason")
    }
    for (index, trigger) in bench.engine.compiled.triggers.enumerated() where trigger.isWorkflowScoped {
      let given = bench.handedOver.filter { $0.trigger == index }.map(\.object.handle)
      let expected = model.handedOver[trigger.name] ?? []
      if given != expected, endedIn == nil || given != Array(expected.prefix(given.count)) {
        objections.append("\(trigger.name) was handed \(given), not \(expected)")
      }
    }
    return objections
  }

  func outcomeObjections() -> [String] {
    guard let ended = bench.ended else { return [] }
    if let failedIn = model.failedIn {
      return ended.state == .failed && endedIn == failedIn
        ? [] : ["\(ended) in event \(endedIn ?? -1), and a failure should have ended it in \(failedIn)"]
    }
    switch ended.state {
    case .succeeded, .stalled:
      return ended.state == model.outcome ? [] : ["\(ended), and it should be \(model.outcome)"]
    case .failed:
      if ended.message.contains("as many as it may") { return [] }
      // A redundant trigger that can do without one invocation can still end up with too few.
      return model.rules.contains(where: \.hasFailure) && ended.message.contains("can not fire any more")
        ? [] : ["\(ended), for no reason"]
    case .timedOut, .cancelled:
      return []
    }
  }
}
