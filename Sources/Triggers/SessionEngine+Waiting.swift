package import Dataflow

/// What the session's triggers wait for, and from whom.
extension SessionEngine {
  /// Invocations, or else functions, that are named one by one for each trigger.
  private static let shownProducers = 8
  /// Bytes of text that a session that is over keeps of what its triggers waited for.
  static let unfiredByteLimit = 16 << 10

  /// A trigger that has not fired, or that holds objects for its next firing.
  struct Unfired: Sendable {
    var trigger: Int
    var lacks: [String]
    var producers: [String]

    var byteCount: Int { MemoryLayout<Self>.stride + (lacks + producers).reduce(0) { $0 + 16 + $1.utf8.count } }
  }

  /// The triggers that have not fired and can still, or could when the session ended; those that were left incomplete; and
  /// those that objects came to too late.
  package var waiting: [SessionDescription.Waiting] {
    let unfired = Dictionary(
      uniqueKeysWithValues: (outcome == nil ? self.unfired : unfiredAtEnd).map { ($0.trigger, $0) })
    return triggers.indices.compactMap { trigger in
      let ignored = ignoredKeys(of: trigger)
      guard unfired[trigger] != nil || !ignored.isEmpty else { return nil }
      let rule = compiled.triggers[trigger]
      return SessionDescription.Waiting(
        trigger: rule.name, target: rule.plan.target, lacks: unfired[trigger]?.lacks ?? [],
        producers: unfired[trigger]?.producers ?? [], ignored: ignored)
    }
  }

  /// Of the triggers for which the limit leaves no room it is kept that they had not fired.
  var boundedUnfired: [Unfired] {
    var room = Self.unfiredByteLimit
    return unfired.map { unfired in
      room -= unfired.byteCount
      return room >= 0 ? unfired : Unfired(trigger: unfired.trigger, lacks: ["(not kept)"], producers: [])
    }
  }

  private var unfired: [Unfired] {
    let missing = Dictionary(incomplete.map { ($0.trigger, $0.awaited) }) { first, _ in first }
    let live = Dictionary(grouping: liveInvocations.map(\.invocation)) { Int($0.name.function) }
    return triggers.indices.compactMap { trigger in
      guard let awaited = missing[trigger] ?? awaited(by: trigger) else { return nil }
      return Unfired(
        trigger: trigger, lacks: awaited.texts,
        producers: producers(of: awaited, for: compiled.triggers[trigger], among: live))
    }
  }

  /// What the trigger waits for, unless its bucket has closed. Where objects are that were handed over, who gathers them knows.
  private func awaited(by trigger: Int) -> Awaited? {
    let bucket = compiled.graph.functionCount + compiled.triggers[trigger].bucket
    let progress = triggers[trigger]
    guard !closing.isClosed(compiled.graph.component[bucket]), progress.handedOverCount == 0,
      progress.firedCount == 0 || progress.state.heldCount > 0
    else { return nil }
    return progress.state.awaited
  }

  /// Who may still bring it about: what lives now, or else the functions that are declared to put there.
  private func producers(
    of awaited: Awaited, for rule: CompiledPlan.Trigger, among live: [Int: [Invocation]]
  ) -> [String] {
    let graph = compiled.graph
    let bucket = graph.functionCount + rule.bucket
    let stage = rule.plan.primitive.upstreamFunctions.compactMap { graph.functionIndex[$0] }
    let leads = graph.leads(to: awaited.source == .stage ? stage : [bucket])
    let bringing = (0..<graph.functionCount).filter { leads[graph.component[$0]] }.compactMap { live[$0] }
    let count = bringing.reduce(0) { $0 + $1.count }
    guard count == 0 else {
      return Self.some(bringing.joined().prefix(Self.shownProducers).map { describe($0) }, of: count)
    }
    let declared = (0..<graph.functionCount).filter { graph.successors[$0].contains(bucket) }
    return Self.some(
      declared.prefix(Self.shownProducers).map {
        "\(compiled.plan.functions[$0].name) puts there, and none of it runs"
      }, of: declared.count)
  }

  private static func some(_ names: [String], of count: Int) -> [String] {
    names + (count > names.count ? ["\(count - names.count) more"] : [])
  }

  private func describe(_ invocation: Invocation) -> String {
    let name = invocation.name.text(in: compiled)
    let verb = outcome == nil ? "is" : "was"
    guard invocation.attempts.contains(where: \.isRunning) else {
      guard invocation.attempts.isEmpty else { return "\(name) \(verb) queued" }
      return outcome == nil ? "\(name) backs off" : "\(name) backed off"
    }
    // A long session's log may not hold the start any more.
    return log.executor(of: invocation.name).map { "\(name) \(verb) running on \($0)" } ?? "\(name) \(verb) running"
  }

  private func ignoredKeys(of trigger: Int) -> [String] {
    let progress = triggers[trigger]
    let rest = progress.ignoredCount - progress.ignoredKeys.count
    return progress.ignoredKeys + (rest > 0 ? ["(\(rest) more)"] : [])
  }
}
