import Dataflow
import HeapModule

/// Which attempt runs on which executor of the pod: the next attempt that an idle executor can run, on the executor that
/// became idle last, since its caches are warm. Pure; attempts and executors are numbers that the caller gave them.
///
/// Sessions take turns, so that one that fans out into thousands of invocations does not keep the others waiting: each attempt
/// gets the turn after that of its session's attempt before, or after the one that was served last if that is later. Those
/// with the same turn go in the order of their arrival; so do all attempts when each session has one.
package struct LocalScheduler: Sendable {
  private struct Waiting: Comparable {
    var attempt: UInt64
    var turn: UInt64
    var arrival: UInt64

    static func < (one: Waiting, other: Waiting) -> Bool {
      one.turn != other.turn ? one.turn < other.turn : one.arrival < other.arrival
    }
  }

  /// An executor, and what it can run.
  private struct Host {
    var functions: Set<String>
    /// For each function by its number whether it can run it; those with higher numbers it cannot.
    var canRun: [Bool]
  }

  /// The functions that executors can run or attempts wait for.
  private var functions = NameTable()
  /// For each function what waits for it, withdrawn attempts included. Queues keep their memory.
  private var queues: [Heap<Waiting>] = []
  /// The functions whose queues are not empty.
  private var crowded: [Int] = []
  private var arrivals: UInt64 = 0
  /// The turn of the attempt that was served last.
  private var turn: UInt64 = 0
  private var hosts = NumberTable<Host>()
  /// The last one became idle last.
  private var idle: [UInt32] = []
  private var withdrawn: Set<UInt64> = []
  /// Attempts that wait for an executor.
  package private(set) var queuedCount = 0

  package init() {}

  package var executorCount: Int { hosts.count }
  package var busyCount: Int { hosts.count - idle.count }

  /// What the executors can run, each function once.
  package var hostedFunctions: Set<String> { hosts.values.reduce(into: []) { $0.formUnion($1.functions) } }

  /// Whether some executor can run the function at all.
  package func isHosted(_ function: String) -> Bool { hosts.values.contains { $0.functions.contains(function) } }

  /// Whether that executor can run the function.
  package func hosts(_ executor: UInt32, _ function: String) -> Bool {
    hosts.read(UInt64(executor)) { $0.functions.contains(function) } ?? false
  }

  package mutating func executorJoined(_ executor: UInt32, functions names: [String]) {
    hosts.insert(Host(functions: Set(names), canRun: []), for: UInt64(executor))
    for name in names {
      let function = number(of: name)
      hosts.change(UInt64(executor)) { Self.allow(function, &$0) }
    }
    idle.append(executor)
  }

  package mutating func executorLeft(_ executor: UInt32) {
    hosts.removeValue(for: UInt64(executor))
    idle.removeAll { $0 == executor }
    forgetFunctions()
  }

  package mutating func executorBecameIdle(_ executor: UInt32) {
    guard hosts.contains(UInt64(executor)), !idle.contains(executor) else { return }
    idle.append(executor)
  }

  /// - Parameter last: the turn that the session's attempt before got here, zero for its first.
  /// - Returns: the attempt's turn.
  @discardableResult
  package mutating func attemptQueued(_ attempt: UInt64, function name: String, after last: UInt64 = 0) -> UInt64 {
    let function = number(of: name)
    if queues[function].isEmpty { crowded.append(function) }
    let own = max(last, turn) + 1
    queues[function].insert(Waiting(attempt: attempt, turn: own, arrival: arrivals))
    arrivals += 1
    queuedCount += 1
    return own
  }

  /// Nobody needs the queued attempt any more.
  package mutating func attemptWithdrawn(_ attempt: UInt64) {
    guard withdrawn.insert(attempt).inserted else { return }
    queuedCount -= 1
  }

  /// The next pair, or nil when no idle executor can run anything that waits.
  package mutating func next() -> (attempt: UInt64, executor: UInt32)? {
    if !withdrawn.isEmpty { dropWithdrawn() }
    guard queuedCount > 0 else { return nil }
    for position in idle.indices.reversed() {
      let executor = idle[position]
      guard let place = first(for: executor) else { continue }
      let function = crowded[place]
      guard let waiting = queues[function].popMin() else { continue }
      turn = max(turn, waiting.turn)
      if queues[function].isEmpty { crowded.remove(at: place) }
      idle.remove(at: position)
      queuedCount -= 1
      return (waiting.attempt, executor)
    }
    return nil
  }

  /// Where among the crowded functions the attempt is whose turn it is, of those that the executor can run.
  private func first(for executor: UInt32) -> Int? {
    guard let canRun = hosts.read(UInt64(executor), { $0.canRun }) else { return nil }
    var best: (place: Int, waiting: Waiting)?
    for (place, function) in crowded.enumerated() where function < canRun.count && canRun[function] {
      guard let waiting = queues[function].min else { continue }
      if let known = best?.waiting, known < waiting { continue }
      best = (place, waiting)
    }
    return best?.place
  }

  /// Takes withdrawn attempts from the heads of the queues; behind others they wait for their turn.
  private mutating func dropWithdrawn() {
    for function in crowded {
      while let head = queues[function].min, withdrawn.remove(head.attempt) != nil { queues[function].removeMin() }
    }
    crowded.removeAll { queues[$0].isEmpty }
  }

  private mutating func number(of name: String) -> Int {
    if let number = functions.number(of: name) { return number }
    queues.append([])
    let number = functions.append(name)
    // Who was told of it before there was a number for it.
    for executor in Array(hosts.numbers) {
      hosts.change(executor) { if $0.functions.contains(name) { Self.allow(number, &$0) } }
    }
    return number
  }

  /// Numbers are given anew once nothing waits, so that the names of executors that are gone do not pile up.
  private mutating func forgetFunctions() {
    guard crowded.isEmpty else { return }
    functions = NameTable()
    queues = []
    for executor in Array(hosts.numbers) {
      hosts.change(executor) { $0.canRun = [] }
      for name in hosts[executor]?.functions ?? [] {
        let function = number(of: name)
        hosts.change(executor) { Self.allow(function, &$0) }
      }
    }
  }

  private static func allow(_ function: Int, _ host: inout Host) {
    while host.canRun.count <= function { host.canRun.append(false) }
    host.canRun[function] = true
  }
}
