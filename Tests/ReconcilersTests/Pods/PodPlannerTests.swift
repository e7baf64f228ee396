import Foundation
import Reconcilers
import Testing

@Suite struct PodPlannerTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var planner: PodPlanner
    var pods: [ExecutorPod]
    var creations = 0
    var removals: [String] = []
  }

  private static func planner(
    _ desired: Int, surge: Int = 1, unavailable: Int = 0, mayRoll: Bool = true, minReadySeconds: Int = 0
  ) -> PodPlanner {
    PodPlanner(
      desired: desired, revision: "new",
      strategy: RolloutStrategy(maxSurge: .pods(surge), maxUnavailable: .pods(unavailable)),
      minReadySeconds: minReadySeconds, mayRoll: mayRoll)
  }

  private static func pods(_ names: String, revision: String = "new") -> [ExecutorPod] {
    names.split(separator: " ").map { Fixtures.pod(String($0), revision: revision) }
  }

  private static func starting(_ name: String, revision: String = "new") -> ExecutorPod {
    Fixtures.pod(name, revision: revision) {
      $0.readySince = nil
      $0.phase = .pending
    }
  }

  static let cases: [Case] = [
    Case(testDescription: "nothing there", planner: planner(3), pods: [], creations: 3),
    Case(testDescription: "all there", planner: planner(2), pods: pods("a b")),
    Case(testDescription: "scaled to zero", planner: planner(0), pods: pods("a b"), removals: ["a", "b"]),
    Case(testDescription: "one too many", planner: planner(1), pods: pods("a b"), removals: ["a"]),
    Case(
      testDescription: "terminating pods count as gone", planner: planner(2),
      pods: pods("a") + [Fixtures.pod("b") { $0.isTerminating = true }], creations: 1),
    Case(
      testDescription: "failed pods are deleted and replaced", planner: planner(2),
      pods: pods("a") + [Fixtures.pod("b") { $0.phase = .failed }], creations: 1, removals: ["b"]),
    Case(
      testDescription: "succeeded pods are deleted and replaced", planner: planner(1),
      pods: [Fixtures.pod("b") { $0.phase = .succeeded }], creations: 1, removals: ["b"]),
    Case(
      testDescription: "pods of others neither count nor go", planner: planner(1),
      pods: [
        Fixtures.pod("x") { $0.ownership = .foreign },
        Fixtures.pod("y") {
          $0.ownership = .foreign
          $0.phase = .failed
        },
      ], creations: 1),
    Case(
      testDescription: "orphans count", planner: planner(1), pods: [Fixtures.pod("x") { $0.ownership = .orphan }]),
    Case(
      testDescription: "a rollout begins with the surge", planner: planner(2), pods: pods("a b", revision: "old"),
      creations: 1),
    Case(
      testDescription: "nobody goes before the new pod is there", planner: planner(2),
      pods: pods("a b", revision: "old") + [starting("n")]),
    Case(
      testDescription: "an old one goes when the new one is there", planner: planner(2),
      pods: pods("a b", revision: "old") + pods("n"), removals: ["a"]),
    Case(
      testDescription: "the next new one follows", planner: planner(2), pods: pods("b", revision: "old") + pods("n"),
      creations: 1),
    Case(
      testDescription: "the last old one goes", planner: planner(2), pods: pods("b", revision: "old") + pods("n m"),
      removals: ["b"]),
    Case(
      testDescription: "without a surge an old one goes first", planner: planner(2, surge: 0, unavailable: 1),
      pods: pods("a b", revision: "old"), removals: ["a"]),
    Case(
      testDescription: "then there is room", planner: planner(2, surge: 0, unavailable: 1),
      pods: pods("b", revision: "old"), creations: 1),
    Case(
      testDescription: "a broken old pod goes at once, it cannot be missed", planner: planner(2),
      pods: pods("b", revision: "old") + [starting("a", revision: "old")] + pods("n"), removals: ["a"]),
    Case(
      testDescription: "broken old pods do not stop a rollout", planner: planner(2, surge: 0, unavailable: 1),
      pods: [starting("a", revision: "old"), starting("b", revision: "old")], removals: ["a"]),
    Case(
      testDescription: "scaled to zero in a rollout", planner: planner(0), pods: pods("a", revision: "old") + pods("n"),
      removals: ["a", "n"]),
    Case(
      testDescription: "scaled down in a rollout", planner: planner(1), pods: pods("a b", revision: "old") + pods("n"),
      removals: ["a", "b"]),
    Case(
      testDescription: "paused: nothing rolls", planner: planner(2, mayRoll: false), pods: pods("a b", revision: "old")),
    Case(
      testDescription: "paused: scaling goes on", planner: planner(3, mayRoll: false),
      pods: pods("a b", revision: "old"), creations: 1),
    Case(
      testDescription: "too young to be relied upon", planner: planner(2, minReadySeconds: 3600),
      pods: pods("a b", revision: "old").map {
        var pod = $0
        pod.readySince = Fixtures.time.addingTimeInterval(-7200)
        return pod
      } + pods("n")),
  ]

  @Test(arguments: cases) func decides(_ example: Case) {
    let plan = example.planner.plan(example.pods, now: Fixtures.time.addingTimeInterval(10))
    #expect(plan.creations == example.creations)
    #expect(plan.removals.map(\.pod.name).sorted() == example.removals)
  }

  @Test func looksAgainWhenAPodBecomesAvailable() {
    let plan = Self.planner(1, minReadySeconds: 30).plan(Self.pods("a"), now: Fixtures.time.addingTimeInterval(10))
    #expect(plan.lookAgain == 20)
    #expect(plan.counts == PodCounts(active: 1, ready: 1, updated: 1, available: 0))
  }

  @Test func waitsForTheBackOff() {
    var planner = Self.planner(2)
    planner.creationBlock = .backingOff(4)
    let plan = planner.plan([], now: Fixtures.time)
    #expect(plan.creations == 0)
    #expect(plan.blockedCreations == 2)
    #expect(plan.lookAgain == 4)
  }

  @Test func createsNothingBeforeAcceptance() {
    var planner = Self.planner(2)
    planner.creationBlock = .notAccepted
    let plan = planner.plan([], now: Fixtures.time)
    #expect(plan.creations == 0)
    #expect(plan.lookAgain == nil)
  }

  @Test func adoptsOrphansThatRun() {
    let pods = [
      Fixtures.pod("x") { $0.ownership = .orphan },
      Fixtures.pod("y") {
        $0.ownership = .orphan
        $0.isTerminating = true
      },
    ]
    #expect(Self.planner(1).plan(pods, now: Fixtures.time).adoptions.map(\.name) == ["x"])
  }

  /// Any starting point, repeated until nothing is left to do, ends in what is wanted, and never leaves the bounds.
  @Test(arguments: [(1, 0), (0, 1), (2, 1), (3, 3)], [0, 1, 2, 5])
  func converges(bounds: (surge: Int, unavailable: Int), desired: Int) {
    let planner = Self.planner(desired, surge: bounds.surge, unavailable: bounds.unavailable)
    var pods = Self.pods("a b c", revision: "old")
    var serial = 0
    for _ in 0..<40 {
      let plan = planner.plan(pods, now: Fixtures.time)
      let gone = Set(plan.removals.map(\.pod.name))
      let readyBefore = pods.count(where: \.isReady)
      pods.removeAll { gone.contains($0.name) }
      #expect(pods.count(where: \.isReady) >= min(desired - bounds.unavailable, readyBefore))
      for index in pods.indices where !pods[index].isReady { pods[index].readySince = Fixtures.time }
      for _ in 0..<plan.creations {
        serial += 1
        pods.append(Self.starting("n\(serial)"))
      }
      #expect(pods.count <= max(desired + bounds.surge, 3))
    }
    #expect(pods.count == desired)
    #expect(pods.allSatisfy { $0.revision == "new" && $0.isReady })
  }
}
