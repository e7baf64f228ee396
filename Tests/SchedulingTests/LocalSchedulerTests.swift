import Scheduling
import Testing

@Suite("Local scheduler")
struct LocalSchedulerTests {
  @Test("The oldest attempt runs first, whatever its function")
  func oldestFirst() {
    var scheduler = LocalScheduler()
    scheduler.attemptQueued(10, function: "b")
    scheduler.attemptQueued(11, function: "a")
    scheduler.attemptQueued(12, function: "b")
    scheduler.executorJoined(1, functions: ["a", "b"])
    var order: [UInt64] = []
    while let (attempt, executor) = scheduler.next() {
      order.append(attempt)
      scheduler.executorBecameIdle(executor)
    }
    #expect(order == [10, 11, 12])
  }

  @Test("The executor that became idle last runs first")
  func lastIdleFirst() {
    var scheduler = LocalScheduler()
    for executor: UInt32 in 1...3 { scheduler.executorJoined(executor, functions: ["f"]) }
    for attempt: UInt64 in 1...3 { scheduler.attemptQueued(attempt, function: "f") }
    #expect(scheduler.next()?.executor == 3)
    #expect(scheduler.next()?.executor == 2)
    scheduler.executorBecameIdle(3)
    #expect(scheduler.next()?.executor == 3)
  }

  @Test("An executor only runs functions that it hosts")
  func functions() {
    var scheduler = LocalScheduler()
    scheduler.executorJoined(1, functions: ["a"])
    scheduler.attemptQueued(1, function: "b")
    #expect(scheduler.next() == nil)
    scheduler.attemptQueued(2, function: "a")
    #expect(scheduler.next()?.attempt == 2)
    #expect(scheduler.isHosted("a"))
    #expect(!scheduler.isHosted("b"))
    scheduler.executorJoined(2, functions: ["b"])
    #expect(scheduler.next() ?? (0, 0) == (1, 2))
    #expect(scheduler.busyCount == 2)
  }

  @Test("A withdrawn attempt is never handed out, wherever it stands in the queue", arguments: 0..<4)
  func withdrawn(position: UInt64) {
    var scheduler = LocalScheduler()
    for attempt: UInt64 in 0..<4 { scheduler.attemptQueued(attempt, function: "f") }
    scheduler.attemptWithdrawn(position)
    scheduler.attemptWithdrawn(position)
    #expect(scheduler.queuedCount == 3)
    scheduler.executorJoined(1, functions: ["f"])
    var order: [UInt64] = []
    while let (attempt, executor) = scheduler.next() {
      order.append(attempt)
      scheduler.executorBecameIdle(executor)
    }
    #expect(order == (0..<4).filter { $0 != position })
    #expect(scheduler.queuedCount == 0)
  }

  @Test("An executor that has left gets nothing")
  func left() {
    var scheduler = LocalScheduler()
    scheduler.executorJoined(1, functions: ["f"])
    scheduler.executorLeft(1)
    scheduler.executorBecameIdle(1)
    scheduler.attemptQueued(1, function: "f")
    #expect(scheduler.next() == nil)
    #expect(scheduler.executorCount == 0)
    #expect(scheduler.busyCount == 0)
  }

  @Test("Under random events it does what a plain list would, and nothing is lost", arguments: 0..<30 as Range<UInt64>)
  func property(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var scheduler = LocalScheduler()
    var queue: [(attempt: UInt64, function: String)] = []
    var idle: [UInt32] = []
    var hosted: [UInt32: [String]] = [:]
    var counter: UInt64 = 0
    let names = ["a", "b", "c"]
    for _ in 0..<400 {
      switch random.below(7) {
      case 0 where hosted.count < 5:
        let executor = UInt32(counter + 1)
        counter += 1
        let functions = names.filter { _ in random.below(2) == 0 }
        hosted[executor] = functions
        idle.append(executor)
        scheduler.executorJoined(executor, functions: functions)
      case 1:
        guard random.below(4) == 0, let executor = hosted.keys.min() else { continue }
        hosted[executor] = nil
        idle.removeAll { $0 == executor }
        scheduler.executorLeft(executor)
      case 2:
        let busy = hosted.keys.filter { !idle.contains($0) }.sorted()
        guard !busy.isEmpty else { continue }
        let executor = busy[random.below(busy.count)]
        idle.append(executor)
        scheduler.executorBecameIdle(executor)
      case 3:
        guard !queue.isEmpty else { continue }
        scheduler.attemptWithdrawn(queue.remove(at: random.below(queue.count)).attempt)
      default:
        let function = names[random.below(3)]
        queue.append((counter, function))
        scheduler.attemptQueued(counter, function: function)
        counter += 1
      }
      guard random.below(3) == 0 else { continue }
      while true {
        // The reference: the last idle executor for which something waits, and the first thing in the list for it.
        let pair = idle.reversed().lazy.compactMap { executor in
          queue.firstIndex { hosted[executor, default: []].contains($0.function) }.map { (executor, $0) }
        }.first
        let next = scheduler.next()
        #expect(next?.attempt == pair.map { queue[$0.1].attempt }, "seed \(seed)")
        #expect(next?.executor == pair?.0, "seed \(seed)")
        guard let pair else { break }
        queue.remove(at: pair.1)
        idle.removeAll { $0 == pair.0 }
      }
      #expect(scheduler.queuedCount == queue.count, "seed \(seed)")
      #expect(scheduler.busyCount == hosted.count - idle.count, "seed \(seed)")
    }
  }

  @Test("A session that has queued many attempts lets others have their turn")
  func fairness() {
    var scheduler = LocalScheduler()
    scheduler.executorJoined(1, functions: ["f", "g"])
    var large: UInt64 = 0
    for attempt: UInt64 in 0..<1000 { large = scheduler.attemptQueued(attempt, function: "f", after: large) }
    var served: [UInt64] = []
    func serve(_ count: Int, _ scheduler: inout LocalScheduler) {
      for _ in 0..<count {
        guard let next = scheduler.next() else { return }
        served.append(next.attempt)
        scheduler.executorBecameIdle(next.executor)
      }
    }
    serve(10, &scheduler)
    // Two more sessions come, one of them with two attempts.
    scheduler.attemptQueued(2000, function: "g")
    let turn = scheduler.attemptQueued(3000, function: "f")
    scheduler.attemptQueued(3001, function: "g", after: turn)
    serve(6, &scheduler)
    #expect(served == Array(0..<10) + [10, 2000, 3000, 11, 3001, 12])
    serve(1000, &scheduler)
    #expect(served.count == 1003)
    #expect(scheduler.queuedCount == 0)
  }
}
