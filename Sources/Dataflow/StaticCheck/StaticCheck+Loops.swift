// Cycles without a choice: data that comes into one can by declaration never leave it.
//
// A cycle has a choice if something on it decides whether data goes round once more. That is
// - a `byName` or `bySet` trigger, which fires for certain keys; or
// - a function that may put elsewhere too: it declares another bucket, even one without triggers, or calls another
//   function, from where not everything comes back; or it leaves its outputs undeclared.
// That a function may put nothing at all cannot be seen, and is no choice. So a function that puts into its own bucket
// until it is done, and then answers, declares a bucket for the result beside the one that it loops by.
extension StaticCheck {
  mutating func checkLoops(in graph: KnownGraph) {
    let forced = forcedSuccessors(in: graph)
    let isCaught = Self.nodesWithoutExit(
      forced, functionCount: functions.count, open: graph.open.union(undeclaredFunctions))
    let inner = forced.indices.map { node in isCaught[node] ? forced[node].filter { isCaught[$0] } : [] }
    let components = StronglyConnectedComponents(successors: inner)
    var told: Set<Int> = []
    for (index, function) in functions.enumerated() {
      let component = components.component[index]
      guard isCaught[index], !told.contains(component) else { continue }
      let way = graph.wayRound(index, by: inner)
      guard way.count > 1 else { continue }
      told.insert(component)
      let spansSessions = zip(way, way.dropFirst()).contains { !graph.certain.successors[$0].contains($1) }
      report(
        "spec.functions[\(index)].\((function.outputs ?? []).isEmpty ? "calls" : "outputs")",
        "the cycle \(graph.text(way)) has no choice: whatever is put there comes back to it"
          + (spansSessions ? ", each time in a session of its own, which no limit of a session ends" : " for ever"),
        "let a function on the way put into another bucket when it is done (declare it in its outputs; it needs no "
          + "triggers), or let a byName trigger decide")
    }
  }

  private var undeclaredFunctions: Set<Int> { Set(functions.indices.filter { functions[$0].outputs == nil }) }

  /// For a function where it may put and what it may call; for a bucket the targets of triggers that fire whatever comes.
  private func forcedSuccessors(in graph: KnownGraph) -> [[Int]] {
    var forced = graph.certain.successors
    for (index, bucket) in buckets.enumerated() {
      let node = functions.count + index
      let always = bucket.spec.triggers.enumerated().filter { position, trigger in
        guard !doubts.contain(trigger: position, of: bucket.name) else { return false }
        return switch trigger.onlyPrimitive {
        case .immediate, .byBatchSize, .byTime: true
        // Inside a cycle of one session they are refused for that. In one that goes on from session to session, that they
        // fire once in each ends nothing.
        case .dynamicJoin, .dynamicGroup, .redundant: !graph.isInCycle(node)
        case .byName, .bySet, nil: false
        }
      }
      forced[node] = always.compactMap { graph.certain.functionIndex[$0.element.target] }
    }
    return forced
  }

  /// The greatest set of nodes from which data cannot get away: a function all of whose destinations are in it, a bucket
  /// that has a trigger into it. A function without destinations ends what comes to it.
  private static func nodesWithoutExit(_ forced: [[Int]], functionCount: Int, open: Set<Int>) -> [Bool] {
    var predecessors = [[Int]](repeating: [], count: forced.count)
    for (node, following) in forced.enumerated() {
      for next in following { predecessors[next].append(node) }
    }
    var isCaught = [Bool](repeating: true, count: forced.count)
    var ways = forced.map(\.count)
    var escaping = forced.indices.filter { forced[$0].isEmpty || ($0 < functionCount && open.contains($0)) }
    for node in escaping { isCaught[node] = false }
    while let node = escaping.popLast() {
      for before in predecessors[node] where isCaught[before] {
        ways[before] -= 1
        guard before < functionCount || ways[before] == 0 else { continue }
        isCaught[before] = false
        escaping.append(before)
      }
    }
    return isCaught
  }
}
