import Logging
import Testing
import Wire

@testable import Sidecar

@Suite(.timeLimit(.minutes(1))) struct LinkOutboxTests {
  private struct Done: Error {}

  private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  @Test func `what gathers goes together, in its order`() async throws {
    let outbox = LinkOutbox(logger: Self.logger)
    for number in 0..<100 { outbox.send(.stored(session: "\(number)")) }
    await #expect(throws: Done.self) {
      try await outbox.forEachBatch { frames in
        #expect(frames == (0..<100).map { .stored(session: "\($0)") })
        throw Done()
      }
    }
    // What comes later is told of anew.
    outbox.send(.pong)
    outbox.close()
    var rest: [PodFrame] = []
    await outbox.forEachBatch { rest += $0 }
    #expect(rest == [.pong])
  }

  @Test func `nothing is lost between one who sends and one who takes`() async throws {
    let outbox = LinkOutbox(logger: Self.logger)
    let sender = Task.detached {
      for number in 0..<20_000 { outbox.send(.stored(session: "\(number)")) }
    }
    var next = 0
    await #expect(throws: Done.self) {
      try await outbox.forEachBatch { frames in
        for frame in frames {
          #expect(frame == .stored(session: "\(next)"))
          next += 1
        }
        if next == 20_000 { throw Done() }
      }
    }
    await sender.value
  }

  @Test func `one who does not keep up is let go`() async throws {
    let outbox = LinkOutbox(logger: Self.logger)
    for _ in 0...LinkOutbox.limit { outbox.send(.pong) }
    var count = 0
    await outbox.forEachBatch { count += $0.count }
    #expect(count == LinkOutbox.limit)
  }
}
