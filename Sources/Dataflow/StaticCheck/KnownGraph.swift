/// The declared graph as far as it is known, seen in two ways: what is certain, for findings that something is there, and
/// what is possible, for findings that something is not. Nodes have the same numbers in both.
struct KnownGraph {
  /// A function that declares no outputs leads to every bucket.
  let possible: FlowGraph
  /// Only what is written down, by triggers that are understood.
  let certain: FlowGraph
  /// Where data may go on to a place that nobody knows: an unknown name stands there, or the resource cannot be read.
  let open: Set<Int>
  private let names: [String]
  /// By the functions that joins and groups name, where their data may come to within its session.
  private let reach: [Int: Set<Int>]

  init(_ check: StaticCheck) {
    let functions = check.functions.map(PlanCompiler.compile(function:))
    let buckets = check.buckets.map { bucket in
      var bucket = bucket
      let doubts = check.doubts
      bucket.spec.triggers = bucket.spec.triggers.enumerated().filter {
        $1.onlyPrimitive != nil && !doubts.contain(trigger: $0, of: bucket.name)
      }.map(\.element)
      return PlanCompiler.compile(bucket: bucket)
    }
    let known = functions.enumerated().map { index, function in
      var function = function
      if check.doubts.functions.contains(index) { function.outputs = nil }
      return function
    }
    let possible = FlowGraph(functions: known, buckets: buckets)
    self.possible = possible
    certain = FlowGraph(
      functions: known.map {
        var function = $0
        function.outputs = $0.outputs ?? []
        return function
      }, buckets: buckets)
    var open: Set<Int> = []
    for (index, function) in known.enumerated() {
      let isUnknown =
        check.doubts.functions.contains(index)
        || (function.outputs ?? []).contains { possible.bucketIndex[$0] == nil }
        || function.calls.contains { possible.functionIndex[$0] == nil }
      if isUnknown { open.insert(index) }
    }
    for (index, bucket) in check.buckets.enumerated() {
      let isUnknown =
        check.doubts.buckets.contains(bucket.name) || buckets[index].triggers.count < bucket.spec.triggers.count
        || bucket.spec.triggers.contains { possible.functionIndex[$0.target] == nil }
      if isUnknown { open.insert(functions.count + index) }
    }
    self.open = open
    let sources = Set(buckets.flatMap(\.triggers).flatMap(\.primitive.upstreamFunctions))
    reach = Dictionary(
      uniqueKeysWithValues: sources.compactMap { possible.functionIndex[$0] }.map { ($0, possible.reachable(from: $0)) }
    )
    names = functions.map(\.name) + check.buckets.map(\.name)
  }

  /// Whether data from one node may come to another within its session.
  func mayReach(_ node: Int, from source: Int) -> Bool {
    let reached = reach[source] ?? possible.reachable(from: source)
    return reached.contains(node) || !reached.isDisjoint(with: open)
  }

  /// Whether the node certainly lies on a cycle within a session.
  func isInCycle(_ node: Int) -> Bool { certain.isCyclic[certain.component[node]] }

  /// The shortest way from a node back to itself, such as `step → again → step`.
  func wayRound(_ node: Int, by successors: [[Int]]) -> [Int] {
    var previous: [Int: Int] = [:]
    var frontier = [node]
    while !frontier.isEmpty {
      var following: [Int] = []
      for current in frontier {
        for next in successors[current] where previous[next] == nil {
          previous[next] = current
          following.append(next)
        }
      }
      if previous[node] != nil { break }
      frontier = following
    }
    var way = [node]
    while let before = previous[way[way.count - 1]] {
      way.append(before)
      if before == node { break }
    }
    return way.reversed()
  }

  func text(_ way: [Int]) -> String { way.map { names[$0] }.joined(separator: " → ") }
}
