import Foundation
import Reconcilers
import Testing

@Suite struct VictimOrderTests {
  @Test func followsReplicaSetsWhereNothingIsKnown() {
    let pods = [
      Fixtures.pod("old-and-ready") { $0.createdAt = Fixtures.time.addingTimeInterval(-100) },
      Fixtures.pod("young-and-ready"),
      Fixtures.pod("not-ready") { $0.readySince = nil },
      Fixtures.pod("pending") {
        $0.readySince = nil
        $0.phase = .pending
      },
      Fixtures.pod("unassigned") {
        $0.readySince = nil
        $0.phase = .pending
        $0.isScheduled = false
      },
    ]
    let order = VictimOrder(load: [:], revision: "new").sorted(pods).map(\.name)
    #expect(order == ["unassigned", "pending", "not-ready", "young-and-ready", "old-and-ready"])
  }

  @Test func sessionsCountBeforeAge() {
    let pods = [
      Fixtures.pod("busy"), Fixtures.pod("idle") { $0.createdAt = Fixtures.time.addingTimeInterval(-1000) },
      Fixtures.pod("holding"),
    ]
    let load = [
      "busy": PodLoadReport(sessions: 3, busy: 2), "holding": PodLoadReport(sessions: 3, busy: 0),
      "idle": PodLoadReport(sessions: 0, busy: 0),
    ]
    #expect(VictimOrder(load: load, revision: "new").sorted(pods).map(\.name) == ["idle", "holding", "busy"])
  }

  @Test func formerRevisionsGoFirst() {
    let pods = [Fixtures.pod("a"), Fixtures.pod("b", revision: "old")]
    #expect(VictimOrder(load: [:], revision: "new").sorted(pods).map(\.name) == ["b", "a"])
  }
}
