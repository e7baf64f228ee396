import Testing

@testable import Scheduling

@Suite("What the paper's own code gets wrong: scheduling")
struct FanOutTests {
  @Test("A fan-out of 8 on 2 executors of the only node fails the workflow")
  func fanOut() {
    var scheduler = LocalScheduler()
    for executor: UInt32 in [1, 2] { scheduler.executorJoined(executor, functions: ["f"]) }
    for attempt: UInt64 in 0..<8 { scheduler.attemptQueued(attempt, function: "f") }
    var ran: [UInt64] = []
    while let first = scheduler.next() {
      let second = scheduler.next()
      #expect(scheduler.next() == nil)
      for pair in [first, second].compactMap(\.self) {
        ran.append(pair.attempt)
        scheduler.executorBecameIdle(pair.executor)
      }
    }
    #expect(ran == Array(0..<8))
    #expect(scheduler.queuedCount == 0)
  }
}
