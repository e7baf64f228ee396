import DequeModule

/// Which attempt runs on which executor of the pod: the oldest attempt that an idle executor can run, on the executor that
/// became idle last, since its caches are warm. Pure; attempts and executors are numbers that the caller gave them.
package struct LocalScheduler: Sendable {
  private struct Waiting {
    var attempt: UInt64
    var arrival: UInt64
  }

  private var queues: [String: Deque<Waiting>] = [:]
  private var arrivals: UInt64 = 0
  /// Functions of each executor.
  private var hosted: [UInt32: Set<String>] = [:]
  /// The last one became idle last.
  private var idle: [UInt32] = []
  private var withdrawn: Set<UInt64> = []
  /// Attempts that wait for an executor.
  package private(set) var queuedCount = 0

  package init() {}

  package var executorCount: Int { hosted.count }
  package var busyCount: Int { hosted.count - idle.count }

  /// What the executors can run, each function once.
  package var hostedFunctions: Set<String> { hosted.values.reduce(into: []) { $0.formUnion($1) } }

  /// Whether some executor can run the function at all.
  package func isHosted(_ function: String) -> Bool { hosted.values.contains { $0.contains(function) } }

  /// Whether that executor can run the function.
  package func hosts(_ executor: UInt32, _ function: String) -> Bool { hosted[executor]?.contains(function) ?? false }

  package mutating func executorJoined(_ executor: UInt32, functions: [String]) {
    hosted[executor] = Set(functions)
    idle.append(executor)
  }

  package mutating func executorLeft(_ executor: UInt32) {
    hosted[executor] = nil
    idle.removeAll { $0 == executor }
  }

  package mutating func executorBecameIdle(_ executor: UInt32) {
    guard hosted[executor] != nil, !idle.contains(executor) else { return }
    idle.append(executor)
  }

  package mutating func attemptQueued(_ attempt: UInt64, function: String) {
    queues[function, default: []].append(Waiting(attempt: attempt, arrival: arrivals))
    arrivals += 1
    queuedCount += 1
  }

  /// Nobody needs the queued attempt any more.
  package mutating func attemptWithdrawn(_ attempt: UInt64) {
    guard withdrawn.insert(attempt).inserted else { return }
    queuedCount -= 1
  }

  /// The next pair, or nil when no idle executor can run anything that waits.
  package mutating func next() -> (attempt: UInt64, executor: UInt32)? {
    guard queuedCount > 0 else {
      // What was withdrawn is all that the queues may still hold; they keep their memory, one for each function.
      if !withdrawn.isEmpty {
        queues = [:]
        withdrawn = []
      }
      return nil
    }
    for position in idle.indices.reversed() {
      let executor = idle[position]
      var best: (function: String, waiting: Waiting)?
      for function in hosted[executor] ?? [] {
        guard let head = head(of: function), head.arrival < best?.waiting.arrival ?? .max else { continue }
        best = (function, head)
      }
      guard let best else { continue }
      queues[best.function]?.removeFirst()
      idle.remove(at: position)
      queuedCount -= 1
      return (best.waiting.attempt, executor)
    }
    return nil
  }

  private mutating func head(of function: String) -> Waiting? {
    while let head = queues[function]?.first {
      guard withdrawn.remove(head.attempt) != nil else { return head }
      queues[function]?.removeFirst()
    }
    return nil
  }
}
