import Dataflow
import Wire

/// What a function does in one attempt. Another attempt of the same firing may do something else, as functions in the world do;
/// only one that publishes immediately has to do the same again.
extension Simulation {
  mutating func script(for invoke: SidecarFrame.Invoke) -> SimulatedWorker.Run {
    guard let model = models[invoke.session], let function = model.function(invoke.function) else {
      return SimulatedWorker.Run(invoke: invoke, moves: [], ending: .commit)
    }
    var moves =
      invoke.publishesImmediately ? steadyPuts(invoke, function, model) : puts(invoke.firing.text, function, model)
    moves += announcements(function, model, puts: moves)
    if tape.once(in: 4) { moves.append(.output(size: size())) }
    for callee in function.calls where model.firings.count < 30 && tape.once(in: 2) {
      moves.append(.call(function: callee, key: uniqueKey(), size: size()))
    }
    if tape.once(in: 60) {
      moves.append(.put(bucket: ["nowhere", "b0"][tape.below(2)], key: "x", group: nil, size: 8))
    }
    return SimulatedWorker.Run(invoke: invoke, moves: moves, ending: ending())
  }

  private mutating func ending() -> SimulatedWorker.Ending {
    switch tape.below(20) {
    case 15, 16: if profile.hasFailures { return .fail(isRetryable: true) }
    case 17:
      if profile.hasHangs {
        count("hang")
        return .hang
      }
    case 18:
      if profile.hasFinalFailures, tape.once(in: 3) { return .fail(isRetryable: false) }
      if profile.hasLies { return .lie(tape.below(7)) }
    case 19: if profile.hasDeaths { return .die }
    default: break
    }
    return .commit
  }

  private mutating func size() -> Int { tape.element(of: profile.sizes) ?? 0 }

  mutating func uniqueKey() -> String {
    lastKey += 1
    return "u\(lastKey)"
  }

  private mutating func puts(
    _ firing: String, _ function: FunctionPlan, _ model: SessionModel
  ) -> [SimulatedWorker.Move] {
    let buckets = function.outputs ?? model.plan.buckets.map(\.name)
    guard !buckets.isEmpty else { return [] }
    // Loops end at some time.
    let most = model.firings.count < 30 ? 4 : model.firings.count < 60 ? 2 : 1
    var own: Set<SessionModel.Input> = []
    return (0..<tape.below(most)).map { index in
      let bucket = buckets[tape.below(buckets.count)]
      var key = uniqueKey()
      switch tape.below(7) {
      case 0: break
      // The SDK's own key.
      case 1, 6: key = "\(firing)-\(index + 1)"
      case 2: key = "g\(tape.below(3)):\(key)"
      case 3:
        if let promised = model.promised[bucket]?.first(where: { !model.isVisible($0, in: bucket) }) { key = promised }
      default:
        let pooled = "k\(tape.below(4))"
        // Two that run at once may still choose the same.
        if !model.isVisible(pooled, in: bucket) || tape.once(in: 20) { key = pooled }
      }
      if !own.insert(.init(bucket: bucket, key: key)).inserted { key = uniqueKey() }
      return .put(bucket: bucket, key: key, group: tape.once(in: 6) ? "g\(tape.below(2))" : nil, size: size())
    }
  }

  /// The same for every attempt of the firing.
  private func steadyPuts(
    _ invoke: SidecarFrame.Invoke, _ function: FunctionPlan, _ model: SessionModel
  ) -> [SimulatedWorker.Move] {
    let buckets = function.outputs ?? []
    guard !buckets.isEmpty, model.firings.count < 40 else { return [] }
    var random = SeededGenerator(seed: UInt64(invoke.firing.text.prefix(12), radix: 16) ?? 0)
    return (0..<random.below(4)).map { index in
      .put(
        bucket: buckets[random.below(buckets.count)], key: "\(invoke.firing)-\(index + 1)",
        group: nil, size: profile.sizes[random.below(profile.sizes.count)])
    }
  }

  private mutating func announcements(
    _ function: FunctionPlan, _ model: SessionModel, puts: [SimulatedWorker.Move]
  ) -> [SimulatedWorker.Move] {
    var moves: [SimulatedWorker.Move] = []
    for bucket in model.plan.buckets {
      let announces = bucket.triggers.contains { trigger in
        if case .dynamicJoin(let announcers) = trigger.primitive { announcers.contains(function.name) } else { false }
      }
      guard announces, tape.below(3) > 0 else { continue }
      var keys = puts.compactMap { move in
        if case .put(bucket.name, let key, _, _) = move { key } else { nil }
      }
      keys += (model.visible[bucket.name] ?? []).map(\.key).prefix(tape.below(4))
      if tape.once(in: 3) {
        let promised = "p\(tape.below(3))"
        keys.append(promised)
        models[model.name]?.promised[bucket.name, default: []].append(promised)
      }
      moves.append(.announce(bucket: bucket.name, keys: keys))
    }
    return moves
  }
}
