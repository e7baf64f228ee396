import Synchronization
import Testing
import Wire

@testable import Sidecar

@Suite(.timeLimit(.minutes(1))) struct LinkOutboxTests {
  private final class Calls: Sendable {
    let count = Mutex(0)
    var outbox: LinkOutbox { LinkOutbox { self.count.withLock { $0 += 1 } } }
  }

  @Test func `what gathers goes together, in its order`() {
    let calls = Calls()
    let outbox = calls.outbox
    for number in 0..<100 { outbox.send(.stored(session: "\(number)")) }
    #expect(outbox.take() == (0..<100).map { .stored(session: "\($0)") })
    #expect(outbox.take() == [])
    #expect(calls.count.withLock { $0 } == 1)
    // What comes later is told of anew.
    outbox.send(.pong)
    #expect(calls.count.withLock { $0 } == 2)
    #expect(outbox.take() == [.pong])
  }

  @Test func `nothing is lost between one who sends and one who takes`() async {
    let (signals, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let outbox = LinkOutbox { continuation.yield() }
    let sender = Task.detached {
      for number in 0..<20_000 { outbox.send(.stored(session: "\(number)")) }
    }
    var next = 0
    for await _ in signals {
      for frame in outbox.take() ?? [] {
        #expect(frame == .stored(session: "\(next)"))
        next += 1
      }
      if next == 20_000 { break }
    }
    await sender.value
  }

  @Test func `one who does not keep up is told so`() {
    let calls = Calls()
    let outbox = calls.outbox
    for _ in 0..<LinkOutbox.limit { outbox.send(.pong) }
    #expect(calls.count.withLock { $0 } == 1)
    for _ in 0..<3 { outbox.send(.pong) }
    #expect(calls.count.withLock { $0 } == 2)
    #expect(outbox.take() == nil)
  }
}
