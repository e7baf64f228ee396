/// The declared graph of a workflow: which functions may put into which buckets, and which functions those fire.
/// Closing and the static check are both judged on it. A workflow-scoped trigger fires its target in a session of its
/// own, so what it leads to is no part of the session whose objects it took: such edges are there only across sessions.
package struct FlowGraph: Sendable {
  /// Functions come first, in the order of the plan, then the buckets in theirs.
  package let functionIndex: [String: Int]
  package let bucketIndex: [String: Int]
  package let functionCount: Int
  package let nodeCount: Int
  /// For each node the nodes that data goes to next within its session.
  package let successors: [[Int]]
  /// The same and, from buckets, the targets of workflow-scoped triggers, which derived sessions begin with.
  package let successorsAcrossSessions: [[Int]]
  /// For each node the number of its strongly connected component. Components are numbered so that
  /// data never flows from a higher one to a lower one.
  package let component: [Int]
  package let componentCount: Int
  /// For each component the components that it feeds directly, itself left out.
  package let componentSuccessors: [[Int]]
  /// Whether data can come back to where it was: more than one node, or a function that fires itself.
  package let isCyclic: [Bool]

  package init(functions: [FunctionPlan], buckets: [BucketPlan]) {
    let functionCount = functions.count
    let functionIndex = Dictionary(functions.enumerated().map { ($1.name, $0) }) { first, _ in first }
    let bucketIndex = Dictionary(buckets.enumerated().map { ($1.name, functionCount + $0) }) { first, _ in first }
    var successors = [[Int]](repeating: [], count: functionCount + buckets.count)
    for (index, function) in functions.enumerated() {
      let outputs = function.outputs ?? buckets.map(\.name)
      successors[index] = outputs.compactMap { bucketIndex[$0] } + function.calls.compactMap { functionIndex[$0] }
    }
    var successorsAcrossSessions = successors
    for (index, bucket) in buckets.enumerated() {
      let node = functionCount + index
      successorsAcrossSessions[node] = bucket.triggers.compactMap { functionIndex[$0.target] }
      successors[node] = bucket.triggers.filter { !$0.primitive.isWorkflowScoped }
        .compactMap { functionIndex[$0.target] }
    }
    let components = StronglyConnectedComponents(successors: successors)
    var componentSuccessors = [Set<Int>](repeating: [], count: components.count)
    var size = [Int](repeating: 0, count: components.count)
    var loops = [Bool](repeating: false, count: components.count)
    for node in successors.indices {
      let own = components.component[node]
      size[own] += 1
      for next in successors[node] {
        if components.component[next] != own { componentSuccessors[own].insert(components.component[next]) }
        if next == node { loops[own] = true }
      }
    }
    self.functionIndex = functionIndex
    self.bucketIndex = bucketIndex
    self.functionCount = functionCount
    self.successors = successors
    self.successorsAcrossSessions = successorsAcrossSessions
    nodeCount = successors.count
    component = components.component
    componentCount = components.count
    self.componentSuccessors = componentSuccessors.map { $0.sorted() }
    isCyclic = zip(size, loops).map { $0 > 1 || $1 }
  }

  /// All nodes that data from `node` can come to within its session, itself included.
  package func reachable(from node: Int) -> Set<Int> { Self.reachable(from: [node], by: successors) }

  /// All nodes that data from any of the nodes can come to, by way of derived sessions too, these nodes included.
  package func reachableAcrossSessions(from nodes: some Sequence<Int>) -> Set<Int> {
    Self.reachable(from: nodes, by: successorsAcrossSessions)
  }

  /// For each component whether data from it can come to any of the nodes within its session, those it is part of included.
  package func leads(to nodes: some Sequence<Int>) -> [Bool] {
    var leads = [Bool](repeating: false, count: componentCount)
    for node in nodes { leads[component[node]] = true }
    for own in leads.indices.reversed() where componentSuccessors[own].contains(where: { leads[$0] }) {
      leads[own] = true
    }
    return leads
  }

  private static func reachable(from nodes: some Sequence<Int>, by successors: [[Int]]) -> Set<Int> {
    var seen = Set(nodes)
    var frontier = Array(seen)
    while let next = frontier.popLast() {
      for successor in successors[next] where seen.insert(successor).inserted { frontier.append(successor) }
    }
    return seen
  }
}
