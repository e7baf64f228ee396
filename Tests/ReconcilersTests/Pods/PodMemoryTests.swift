import Foundation
import KubernetesAPI
import Reconcilers
import Testing

@Suite struct PodMemoryTests {
  @Test func namesFollowFromTheSlotAndSkipWhatIsTaken() {
    let first = ExecutorPodName.free(2, workflow: "w", uid: "u", revision: "r", taken: [])
    #expect(first.count == 2)
    #expect(first == ExecutorPodName.free(2, workflow: "w", uid: "u", revision: "r", taken: []))
    let next = ExecutorPodName.free(1, workflow: "w", uid: "u", revision: "r", taken: [first[0]])
    #expect(next == [first[1]])
    #expect(ExecutorPodName.free(1, workflow: "w", uid: "other", revision: "r", taken: []) != [first[0]])
    let longest = String(repeating: "a", count: 52)
    #expect(ExecutorPodName.name(workflow: longest, uid: "u", revision: "r", slot: 0).count <= 63)
  }

  @Test func createdPodsAreKnownBeforeTheCacheShowsThem() {
    var ledger = PodLedger()
    var pod = KubernetesObject(.pod, namespace: "n", name: "p")
    pod["metadata", "uid"] = "1"
    ledger.podCreated(pod, now: Fixtures.time)
    #expect(ledger.reconciled([], workflowUID: "w", now: Fixtures.time).map(\.name) == ["p"])
    #expect(ledger.reconciled([pod], workflowUID: "w", now: Fixtures.time).count == 1)
    // The cache has shown it, so its absence now means that it is gone.
    #expect(ledger.reconciled([], workflowUID: "w", now: Fixtures.time).isEmpty)
  }

  @Test func deletedPodsAreGoneBeforeTheCacheKnows() {
    var ledger = PodLedger()
    var pod = KubernetesObject(.pod, namespace: "n", name: "p")
    pod["metadata", "uid"] = "1"
    ledger.podDeleted(uid: "1", now: Fixtures.time)
    #expect(ledger.reconciled([pod], workflowUID: "w", now: Fixtures.time).allSatisfy { $0.isTerminating })
    let later = Fixtures.time.addingTimeInterval(PodLedger.patience)
    #expect(ledger.reconciled([pod], workflowUID: "w", now: later).allSatisfy { !$0.isTerminating })
  }

  @Test func expectationsAreForgotten() {
    var ledger = PodLedger()
    var pod = KubernetesObject(.pod, namespace: "n", name: "p")
    pod["metadata", "uid"] = "1"
    ledger.podCreated(pod, now: Fixtures.time)
    let later = Fixtures.time.addingTimeInterval(PodLedger.patience)
    #expect(ledger.reconciled([], workflowUID: "w", now: later).isEmpty)
  }

  @Test func replacementsSlowDown() {
    var backoff = ReplacementBackoff()
    #expect(backoff.wait(now: Fixtures.time) <= 0)
    var waits: [TimeInterval] = []
    for number in 0..<11 {
      backoff.podsEnded(["\(number)"], now: Fixtures.time)
      backoff.podsEnded(["\(number)"], now: Fixtures.time)
      waits.append(backoff.wait(now: Fixtures.time))
    }
    #expect(waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
    backoff.podsEnded(["later"], now: Fixtures.time.addingTimeInterval(601))
    #expect(backoff.wait(now: Fixtures.time.addingTimeInterval(601)) == 1)
  }

  @Test func aDeletedPodThatEndsHasNotEndedByItself() {
    #expect(Fixtures.pod("a") { $0.phase = .failed }.hasEndedByItself)
    #expect(!Fixtures.pod("a") { ($0.phase, $0.isTerminating) = (.succeeded, true) }.hasEndedByItself)
    #expect(!Fixtures.pod("a") { ($0.phase, $0.ownership) = (.failed, .foreign) }.hasEndedByItself)
  }

  @Test func percentagesRoundAsDeploymentsDo() {
    let quarter = RolloutStrategy(["maxSurge": "25%", "maxUnavailable": "25%"])
    #expect(quarter.resolved(replicas: 1) == (1, 0))
    #expect(quarter.resolved(replicas: 4) == (1, 1))
    #expect(quarter.resolved(replicas: 5) == (2, 1))
    #expect(RolloutStrategy(["maxSurge": 0, "maxUnavailable": "10%"]).resolved(replicas: 3) == (0, 1))
    #expect(RolloutStrategy([:]).resolved(replicas: 3) == (1, 0))
  }
}
