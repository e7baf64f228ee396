import KubernetesAPI
import Testing

@testable import Coordinator

@Suite struct StatusThrottleTests {
  static func figures(active: Int, succeeded: Int) -> [WorkflowFigures] {
    var sessions = SessionCounters()
    sessions.active = active
    sessions.succeeded = succeeded
    return [
      WorkflowFigures(key: ObjectKey(namespace: "n", name: "w"), sessions: sessions, buckets: ["b": .init()], pods: [:])
    ]
  }

  @Test func `only changes are written, every ten seconds, at once between idle and active`() {
    var throttle = StatusThrottle()
    #expect(throttle.due(Self.figures(active: 0, succeeded: 0), now: .seconds(0)).count == 2)
    #expect(throttle.due(Self.figures(active: 0, succeeded: 0), now: .seconds(60)).isEmpty)
    #expect(throttle.due(Self.figures(active: 1, succeeded: 0), now: .seconds(60)).map(\.type.kind) == ["Workflow"])
    #expect(throttle.due(Self.figures(active: 1, succeeded: 9), now: .seconds(61)).isEmpty)
    #expect(throttle.due(Self.figures(active: 1, succeeded: 9), now: .seconds(70)).count == 1)
    let idle = throttle.due(Self.figures(active: 0, succeeded: 10), now: .seconds(70.5))
    #expect(idle.first?.document["status", "sessions", "succeeded"] == 10)
  }

  @Test func `a session that nobody saw running counts as soon as the figures have settled`() {
    var throttle = StatusThrottle()
    _ = throttle.due(Self.figures(active: 0, succeeded: 0), now: .seconds(0))
    #expect(throttle.due(Self.figures(active: 0, succeeded: 1), now: .seconds(0.5)).isEmpty)
    let settled = throttle.due(Self.figures(active: 0, succeeded: 1), now: .seconds(1))
    #expect(settled.map { $0.document["status", "sessions", "succeeded"] } == [1])
    // Many short ones are never seen to run either, and still are written every ten seconds only.
    for step in 1...19 {
      let now = Duration.milliseconds(1000 + 500 * step)
      #expect(throttle.due(Self.figures(active: 0, succeeded: 1 + step), now: now).isEmpty)
    }
    #expect(throttle.due(Self.figures(active: 0, succeeded: 21), now: .seconds(11)).count == 1)
  }

  @Test func `what could not be written waits its turn`() throws {
    var throttle = StatusThrottle()
    let report = try #require(throttle.due(Self.figures(active: 0, succeeded: 0), now: .seconds(0)).first)
    throttle.failed(report)
    #expect(throttle.due(Self.figures(active: 0, succeeded: 0), now: .seconds(0.5)).isEmpty)
    #expect(throttle.due(Self.figures(active: 0, succeeded: 0), now: .seconds(10)).count == 1)
  }

  @Test(arguments: [(0, 0, 0), (74, 100, 0), (75, 100, 1), (100, 100, 1)] as [(UInt64, UInt64, Int64)])
  func `pods without room for new sessions are counted`(used: UInt64, limit: UInt64, full: Int64) {
    var figures = Self.figures(active: 1, succeeded: 0)
    figures[0].pods["a"] = .init(
      sessions: 1, busy: 1, executors: 1, memoryUsed: used, memoryLimit: limit, isOwner: false)
    figures[0].pods["b"] = .init(
      sessions: 0, busy: 0, executors: 1, memoryUsed: 0, memoryLimit: 100, isOwner: false)
    var throttle = StatusThrottle()
    #expect(throttle.due(figures, now: .zero).first?.document["status", "fullPods"] == .integer(full))
  }
}
