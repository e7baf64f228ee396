/// Tarjan's algorithm ("Depth-first search and linear graph algorithms", 1972), without recursion so that
/// a long chain of functions cannot exhaust the stack.
struct StronglyConnectedComponents {
  /// For each node its component; components are in topological order.
  private(set) var component: [Int]
  private(set) var count = 0

  init(successors: [[Int]]) {
    let nodeCount = successors.count
    component = [Int](repeating: -1, count: nodeCount)
    var order = [Int](repeating: -1, count: nodeCount)
    var low = [Int](repeating: 0, count: nodeCount)
    var isOnStack = [Bool](repeating: false, count: nodeCount)
    var stack: [Int] = []
    var visited = 0

    for root in 0..<nodeCount where order[root] < 0 {
      var path: [(node: Int, next: Int)] = [(root, 0)]
      while let (node, next) = path.last {
        if next == 0 {
          order[node] = visited
          low[node] = visited
          visited += 1
          stack.append(node)
          isOnStack[node] = true
        }
        if next < successors[node].count {
          path[path.count - 1].next += 1
          let successor = successors[node][next]
          if order[successor] < 0 {
            path.append((successor, 0))
          } else if isOnStack[successor] {
            low[node] = min(low[node], order[successor])
          }
          continue
        }
        path.removeLast()
        if let parent = path.last?.node { low[parent] = min(low[parent], low[node]) }
        guard low[node] == order[node] else { continue }
        while let member = stack.popLast() {
          isOnStack[member] = false
          component[member] = count
          if member == node { break }
        }
        count += 1
      }
    }
    // Tarjan numbers a component before those that lead to it; turned round, data flows from low to high.
    let last = count - 1
    component = component.map { last - $0 }
  }
}
