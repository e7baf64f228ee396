import Dataflow

/// What `redundant` triggers make superfluous, judged on the declared graph. A function is *wanted* when something that it
/// can cause is: a function at the end of a path, a trigger across sessions, or a redundant trigger that has not fired.
struct Redundancy: Sendable {
  private let functionCount: Int
  private let edges: [Edge]
  /// Functions that lead nowhere: whatever they do, they do for its own sake.
  private let ends: [Int]
  /// For each function the redundant triggers at which its paths end, if all of them do; empty otherwise.
  private let soleEnds: [[Int]]
  /// For each bucket the redundant triggers at which paths from it end, by way of functions of which all paths end so.
  private let endsOfBucket: [Set<Int>]
  private let redundantTriggers: [Int]

  /// From a function through a trigger (none for a direct call) to the trigger's target.
  private struct Edge: Sendable {
    var source: Int
    var trigger: Int?
    var target: Int
    var kind: Kind

    enum Kind: Sendable { case passing, acrossSessions, redundant }
  }

  init(triggers: [CompiledPlan.Trigger], graph: FlowGraph) {
    functionCount = graph.functionCount
    var edges: [Edge] = []
    for function in 0..<graph.functionCount {
      for node in graph.successors[function] {
        guard node >= graph.functionCount else {
          edges.append(Edge(source: function, trigger: nil, target: node, kind: .passing))
          continue
        }
        for (index, trigger) in triggers.enumerated() where trigger.bucket == node - graph.functionCount {
          var kind = trigger.isWorkflowScoped ? Edge.Kind.acrossSessions : .passing
          if case .redundant = trigger.plan.primitive { kind = .redundant }
          edges.append(Edge(source: function, trigger: index, target: trigger.target, kind: kind))
        }
      }
    }
    let sources = Set(edges.map(\.source))
    self.edges = edges
    ends = (0..<graph.functionCount).filter { !sources.contains($0) }
    redundantTriggers = triggers.indices.filter {
      if case .redundant = triggers[$0].plan.primitive { true } else { false }
    }
    let soleEnds = Self.soleEnds(functionCount, edges, ends: ends)
    self.soleEnds = soleEnds
    var endsOfBucket = [Set<Int>](repeating: [], count: graph.nodeCount - graph.functionCount)
    for (index, trigger) in triggers.enumerated() {
      if case .redundant = trigger.plan.primitive {
        endsOfBucket[trigger.bucket].insert(index)
      } else if !trigger.isWorkflowScoped {
        endsOfBucket[trigger.bucket].formUnion(soleEnds[trigger.target])
      }
    }
    self.endsOfBucket = endsOfBucket
  }

  var isEmpty: Bool { redundantTriggers.isEmpty }

  /// The redundant triggers at which all paths of the function end; empty if some path ends elsewhere.
  func soleEnds(of function: Int) -> [Int] { soleEnds[function] }

  /// The redundant triggers that an object of the bucket may lead to, if the function that put it has such ends only.
  func ends(ofBucket bucket: Int) -> Set<Int> { endsOfBucket[bucket] }

  /// For each function whether nothing that it can cause is wanted any more, because redundant triggers have fired.
  func superfluous(hasFired: (Int) -> Bool) -> [Bool] {
    let wanted = Self.spread(
      functionCount, from: ends, edges: edges,
      start: { $0.kind == .acrossSessions || ($0.kind == .redundant && !hasFired($0.trigger ?? 0)) })
    let satisfied = Self.spread(
      functionCount, from: [], edges: edges, start: { $0.kind == .redundant && hasFired($0.trigger ?? 0) })
    return zip(wanted, satisfied).map { !$0 && $1 }
  }

  /// The functions from which a path leads to one of `functions`, or over an edge that `start` names; redundant triggers
  /// and those across sessions end a path.
  private static func spread(
    _ count: Int, from functions: [Int], edges: [Edge], start: (Edge) -> Bool
  ) -> [Bool] {
    var reached = [Bool](repeating: false, count: count)
    for function in functions { reached[function] = true }
    for edge in edges where start(edge) { reached[edge.source] = true }
    var grows = true
    while grows {
      grows = false
      for edge in edges where edge.kind == .passing && reached[edge.target] && !reached[edge.source] {
        reached[edge.source] = true
        grows = true
      }
    }
    return reached
  }

  private static func soleEnds(_ count: Int, _ edges: [Edge], ends: [Int]) -> [[Int]] {
    let goesElsewhere = spread(count, from: ends, edges: edges, start: { $0.kind == .acrossSessions })
    var reached = [Set<Int>](repeating: [], count: count)
    for trigger in Set(edges.filter { $0.kind == .redundant }.compactMap(\.trigger)) {
      let sources = spread(count, from: [], edges: edges, start: { $0.trigger == trigger })
      for function in sources.indices where sources[function] { reached[function].insert(trigger) }
    }
    return (0..<count).map { goesElsewhere[$0] ? [] : reached[$0].sorted() }
  }
}
