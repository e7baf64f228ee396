import Dataflow
import Testing

@testable import Triggers

@Suite("Sessions of very many invocations")
struct LongSessionTests {
  #if DEBUG
    private static let steps = 100_000
  #else
    private static let steps = 1_000_000
  #endif

  @Test("There is no garbage collection at all: 100,000 objects are all given back")
  func everythingIsFreed() {
    var session = LongSession(
      plan(
        [FunctionPlan(name: "a", outputs: ["x"]), FunctionPlan(name: "b", outputs: [])],
        ["x": [TriggerPlan(name: "t", target: "b", .immediate)]], invocationLimit: 200_000))
    session.run { session, attempt in
      guard attempt.function == 0 else { return Commit() }
      return Commit(puts: (0..<100_000).map { .init(bucket: "x", key: "\($0)", handle: session.handle()) })
    }
    #expect(session.invocations == 100_001)
    #expect(session.outcome?.state == .succeeded)
    #expect(session.heldCount == 0)
    #expect(session.tableSize == 0)
  }

  @Test("A chain by direct calls, and one by default keys, takes no more memory at its end", arguments: [true, false])
  func chain(byCalls: Bool) {
    var session = LongSession(
      plan(
        [FunctionPlan(name: "a", outputs: ["x"], calls: ["a"])],
        ["x": [TriggerPlan(name: "t", target: "a", .immediate)]], invocationLimit: Self.steps + 1))
    var largest = 0
    session.run { session, attempt in
      largest = max(largest, session.tableSize)
      guard session.invocations <= Self.steps else { return Commit() }
      let handle = session.handle()
      let key = DefaultKey.make(firing: attempt.firing, index: 1)
      return byCalls
        ? Commit(calls: [.init(function: "a", key: "", handle: handle)])
        : Commit(puts: [.init(bucket: "x", key: key, handle: handle)])
    }
    #expect(session.invocations == Self.steps + 1)
    #expect(session.outcome?.state == .succeeded)
    #expect(largest <= 2)
    #expect(session.heldAtMost <= 2)
    #expect(session.heldCount == 0)
    #expect(session.engine.keyCount == 0)
    #expect(session.engine.log.entries.count <= 2 * SessionLog.keptAtEachEnd)
  }

  @Test("A loop that never ends is ended at the limit")
  func loop() {
    var session = LongSession(
      plan([FunctionPlan(name: "a", outputs: [], calls: ["a", "a"])], invocationLimit: 1000))
    session.run { session, _ in Commit(calls: [.init(function: "a", key: "", handle: session.handle())]) }
    #expect(session.invocations == 1000)
    #expect(session.outcome?.state == .failed)
    #expect(session.outcome?.message.contains("look for a loop that does not end") == true)
    #expect(session.heldCount == 0)
  }
}
