import KubernetesAPI
import Testing
import Wire

@testable import Coordinator

/// Counters in the status of a workflow go on from one coordinator to the next.
@Suite struct SessionCountersTests {
  typealias Base = PlacementTests

  static func workflow(_ sessions: JSONValue) -> KubernetesObject {
    var workflow = KubernetesObject(.workflow, namespace: "n", name: "w")
    workflow["status"] = ["sessions": sessions]
    return workflow
  }

  @Test func `what the status says is read, and nothing else counts`() {
    let counted = SessionCounters(
      endedAsOf: Self.workflow([
        "waiting": 7, "active": 8, "succeeded": 2376, "failed": 2, "stalled": 3, "timedOut": 4, "cancelled": 5,
      ]))
    var expected = SessionCounters()
    (expected.succeeded, expected.failed, expected.stalled, expected.timedOut, expected.cancelled) = (2376, 2, 3, 4, 5)
    #expect(counted == expected)
    #expect(SessionCounters(endedAsOf: KubernetesObject(.workflow, namespace: "n", name: "w")) == SessionCounters())
    #expect(SessionCounters(endedAsOf: Self.workflow(["succeeded": -1, "failed": "many"])) == SessionCounters())
  }

  @Test func `a coordinator that takes over counts on`() {
    var machine = Base.machine("a")
    machine.goOn(from: SessionCounters(endedAsOf: Self.workflow(["succeeded": 2376, "active": 9])))
    _ = machine.requestArrived(Base.request("1"), now: Base.at(0))
    _ = machine.ended(Base.done("1"), pod: "a", now: Base.at(1))
    #expect(machine.count.succeeded == 2377 && machine.count.active == 0)
  }

  @Test func `the broker takes over what was counted once, when it sees the workflow first`() async throws {
    try await Stage.with { stage in
      func change(_ counted: Int) -> Int? {
        let counters = SessionCounters(endedAsOf: Self.workflow(["succeeded": .integer(Int64(counted))]))
        let key = ObjectKey(namespace: "ns", name: "other")
        stage.broker.workflowChanged(
          key, entry: "f", plan: Stage.plan, findings: [], isSuspended: false, currentRevision: nil, counted: counters)
        return stage.broker.figures(of: key)?.sessions.succeeded
      }
      #expect(change(10) == 10)
      #expect(change(10) == 10, "the status that this coordinator wrote itself")
    }
  }
}
