import KubernetesClient
import Testing

@testable import ControllerRuntime

@Suite struct WorkQueueStateMachineTests {
  private let start = ContinuousClock.now

  @Test func handsOutAnItemOnceAndAgainWhenAddedWhileWorkedOn() {
    var queue = WorkQueueStateMachine<String>()
    queue.add("a", now: start)
    queue.add("a", now: start)
    #expect(queue.next(now: start) == .item("a"))
    #expect(queue.next(now: start) == .wait(until: nil))
    queue.add("a", now: start)
    #expect(queue.next(now: start) == .wait(until: nil), "one worker at a time")
    queue.done("a", now: start)
    #expect(queue.next(now: start) == .item("a"))
    queue.done("a", now: start)
    #expect(queue.next(now: start) == .wait(until: nil))
  }

  @Test func theEarlierDelayCounts() {
    var queue = WorkQueueStateMachine<String>()
    queue.add("a", after: .seconds(5), now: start)
    queue.add("a", after: .seconds(9), now: start)
    #expect(queue.next(now: start) == .wait(until: start + .seconds(5)))
    #expect(queue.next(now: start + .seconds(5)) == .item("a"))
    queue.add("b", after: .seconds(5), now: start)
    queue.add("b", now: start)
    #expect(queue.next(now: start) == .item("b"))
    queue.done("b", now: start)
    #expect(queue.next(now: start + .seconds(60)) == .wait(until: nil), "adding at once replaces the delay")
  }

  @Test func failuresBackOffUntilForgotten() {
    var queue = WorkQueueStateMachine<String>()
    let delays = (0..<3).map { _ in queue.addRateLimited("a", now: start, random: 0) }
    #expect(delays == [.milliseconds(10), .milliseconds(20), .milliseconds(40)])
    queue.forget("a")
    #expect(queue.addRateLimited("a", now: start, random: 0) == .milliseconds(10))
  }

  @Test func manyRetriesTogetherAreBounded() {
    let backoff = Backoff(first: .milliseconds(10), limit: .seconds(2), spread: 0)
    var queue = WorkQueueStateMachine<Int>(backoff: backoff, retries: TokenBucket(rate: 4, burst: 2))
    let delays = (0..<12).map { queue.addRateLimited($0, now: start, random: 0) }
    let paced = (1...8).map { Duration.milliseconds(250 * $0) }
    #expect(delays == [.milliseconds(10), .milliseconds(10)] + paced + [.seconds(2), .seconds(2)])
    let early = (0..<3).map { _ in queue.next(now: start + .milliseconds(249)) }
    #expect(Set(early.prefix(2).map { "\($0)" }) == ["item(0)", "item(1)"])
    #expect(early.last == .wait(until: start + .milliseconds(250)))
    queue.add(11, now: start)
    #expect(queue.next(now: start) == .item(11), "a change does not wait for the retries")
  }

  @Test func shutDownGivesUpWhatWaits() {
    var queue = WorkQueueStateMachine<String>()
    queue.add("a", now: start)
    queue.add("b", after: .seconds(1), now: start)
    queue.shutDown()
    queue.add("c", now: start)
    #expect(queue.next(now: start + .seconds(2)) == .shutDown)
  }

  @Test func backoffFollowsItsTable() {
    let reflector = Backoff.reflector
    #expect(reflector.delay(attempt: 1, random: 0) == .milliseconds(250))
    #expect(reflector.delay(attempt: 5, random: 0) == .seconds(4))
    #expect(reflector.delay(attempt: 8, random: 0) == .seconds(30))
    #expect(reflector.delay(attempt: 1_000_000, random: 0) == .seconds(30))
    #expect(Backoff.workQueue.delay(attempt: 12, random: 0) == .milliseconds(20480))
    #expect(Backoff.workQueue.delay(attempt: 16, random: 0) == .seconds(120))
  }

  @Test(.timeLimit(.minutes(1))) func theShellWakesItsWorkers() async {
    let queue = WorkQueue<Int>()
    let received = await withTaskGroup(of: [Int].self) { group in
      for _ in 0..<4 {
        group.addTask {
          var mine: [Int] = []
          while let item = await queue.next() {
            mine.append(item)
            queue.done(item)
            if item == 99 { queue.shutDown() }
          }
          return mine
        }
      }
      for item in 0..<99 { queue.add(item) }
      queue.add(99, after: .milliseconds(20))
      return await group.reduce(into: []) { $0 += $1 }
    }
    #expect(received.contains(99))
    #expect(Set(received).count == received.count)
  }
}
