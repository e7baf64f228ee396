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
}
