import Testing

/// A statement about all lists of steps, tried on random ones. Steps come from a seed; a list that contradicts the statement
/// is made as short as it can be before it is shown.
struct Property<Step> {
  var seeds: Range<UInt64>
  var steps: (inout SeededGenerator) -> [Step]
  /// What is wrong after these steps, in words; empty when all is well. Each call begins anew.
  var objections: ([Step]) -> [String]

  struct Counterexample {
    var seed: UInt64
    var steps: [Step]
    var objections: [String]
  }

  init(
    seeds: Range<UInt64>, steps: @escaping (inout SeededGenerator) -> [Step],
    objections: @escaping ([Step]) -> [String]
  ) {
    self.seeds = seeds
    self.steps = steps
    self.objections = objections
  }

  /// Records an issue with the seed and the shortest list that was found, for the first seed that contradicts.
  func check(_ name: String, sourceLocation: SourceLocation = #_sourceLocation) {
    guard let found = counterexample() else { return }
    let list = found.steps.enumerated().map { "\n  \($0.offset): \($0.element)" }.joined()
    Issue.record(
      "\(name), seed \(found.seed): \(found.objections.joined(separator: "; ")), after\(list)",
      sourceLocation: sourceLocation)
  }

  func counterexample() -> Counterexample? {
    for seed in seeds {
      var random = SeededGenerator(seed: seed)
      let long = steps(&random)
      guard !objections(long).isEmpty else { continue }
      let short = shortened(long)
      return Counterexample(seed: seed, steps: short, objections: objections(short))
    }
    return nil
  }

  /// Takes away halves, then quarters, down to single steps, and begins again until no step can go.
  private func shortened(_ steps: [Step]) -> [Step] {
    var best = steps
    var size = max(1, best.count / 2)
    while true {
      let before = best.count
      var start = 0
      while start < best.count {
        var shorter = best
        shorter.removeSubrange(start..<min(start + size, best.count))
        if objections(shorter).isEmpty { start += size } else { best = shorter }
      }
      if size > 1 { size /= 2 } else if best.count == before { return best }
    }
  }
}
