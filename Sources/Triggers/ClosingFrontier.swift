import Dataflow

/// Which parts of the declared graph nothing live can reach any more. Strongly connected components are taken as one; a
/// component closes when all that feed it have closed and nothing in it is live. Closed is for good.
struct ClosingFrontier: Sendable {
  private let graph: FlowGraph
  private var live: [Int]
  private var openPredecessors: [Int]
  private var isClosed: [Bool]
  /// Components that may close now, lowest first when asked.
  private var candidates: Set<Int>
  private(set) var openCount: Int

  init(graph: FlowGraph) {
    self.graph = graph
    live = [Int](repeating: 0, count: graph.componentCount)
    isClosed = [Bool](repeating: false, count: graph.componentCount)
    openPredecessors = [Int](repeating: 0, count: graph.componentCount)
    for successors in graph.componentSuccessors {
      for successor in successors { openPredecessors[successor] += 1 }
    }
    candidates = Set(openPredecessors.indices.filter { [openPredecessors] in openPredecessors[$0] == 0 })
    openCount = graph.componentCount
  }

  mutating func becameLive(_ component: Int) {
    live[component] += 1
    candidates.remove(component)
  }

  mutating func ended(_ component: Int) {
    live[component] -= 1
    if live[component] == 0, openPredecessors[component] == 0, !isClosed[component] { candidates.insert(component) }
  }

  /// Whether an invocation that is live now belongs to the component.
  func isLive(_ component: Int) -> Bool { live[component] > 0 }
  func isClosed(_ component: Int) -> Bool { isClosed[component] }

  /// A component that nothing can reach any more. Its triggers are to be asked before `close` is called,
  /// since what they fire goes to components behind it.
  func next() -> Int? { candidates.min() }

  mutating func close(_ component: Int) {
    candidates.remove(component)
    isClosed[component] = true
    openCount -= 1
    for successor in graph.componentSuccessors[component] {
      openPredecessors[successor] -= 1
      if openPredecessors[successor] == 0, live[successor] == 0 { candidates.insert(successor) }
    }
  }
}
