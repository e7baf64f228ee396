import Dataflow

/// Which parts of the declared graph nothing live can reach any more. Strongly connected components are taken as one; a
/// component closes when all that feed it have closed and nothing in it is live. Closed is for good.
struct ClosingFrontier: Sendable {
  private let successors: [[Int]]
  private var components: [Component]
  /// How many components may close now.
  private var candidateCount = 0
  /// No candidate comes before it.
  private var lowest = 0
  private(set) var openCount: Int

  private struct Component: Sendable {
    var live: Int32 = 0
    var openPredecessors: Int32 = 0
    var isClosed = false

    var isCandidate: Bool { live == 0 && openPredecessors == 0 && !isClosed }
  }

  init(graph: FlowGraph) {
    successors = graph.componentSuccessors
    components = [Component](repeating: Component(), count: graph.componentCount)
    for successors in graph.componentSuccessors {
      for successor in successors { components[successor].openPredecessors += 1 }
    }
    candidateCount = components.count { $0.isCandidate }
    openCount = graph.componentCount
  }

  mutating func becameLive(_ component: Int) {
    if components[component].isCandidate { candidateCount -= 1 }
    components[component].live += 1
  }

  mutating func ended(_ component: Int) {
    components[component].live -= 1
    noteCandidate(component)
  }

  /// Whether an invocation that is live now belongs to the component.
  func isLive(_ component: Int) -> Bool { components[component].live > 0 }
  func isClosed(_ component: Int) -> Bool { components[component].isClosed }

  /// The lowest component that nothing can reach any more. Its triggers are to be asked before `close` is called,
  /// since what they fire goes to components behind it.
  mutating func next() -> Int? {
    guard candidateCount > 0 else { return nil }
    while !components[lowest].isCandidate { lowest += 1 }
    return lowest
  }

  /// Closes a component that `next` has named.
  mutating func close(_ component: Int) {
    if components[component].isCandidate { candidateCount -= 1 }
    components[component].isClosed = true
    openCount -= 1
    for successor in successors[component] {
      components[successor].openPredecessors -= 1
      noteCandidate(successor)
    }
  }

  /// Called where a component has just lost what kept it open, if it was the last.
  private mutating func noteCandidate(_ component: Int) {
    guard components[component].isCandidate else { return }
    candidateCount += 1
    lowest = min(lowest, component)
  }
}
