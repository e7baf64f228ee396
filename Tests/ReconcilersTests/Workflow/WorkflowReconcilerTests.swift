import Foundation
import KubernetesAPI
import KubernetesClient
import Reconcilers
import Synchronization
import Testing

@Suite struct WorkflowReconcilerTests {
  private func events(_ cluster: FakeCluster) -> [String] { cluster.state.withLock { $0.events.map(\.reason) } }

  @Test func bringsAWorkflowUp() async throws {
    let cluster = Fixtures.cluster()
    let reconciler = Fixtures.reconciler(cluster)
    try await Fixtures.settle(cluster, reconciler)
    #expect(cluster.activePods.count == 2)
    let status = cluster.object(.workflow, "wordcount")?["status"]
    #expect(status?["ready"] == "2/2")
    #expect(status?["replicas"] == 2)
    #expect(status?["updatedReplicas"] == 2)
    #expect(status?["observedGeneration"] == 1)
    #expect(status?["selector"] == "pheromone.dev/workflow=wordcount")
    #expect(cluster.condition("Accepted", of: "wordcount")?.status == "True")
    #expect(cluster.condition("Ready", of: "wordcount")?.reason == "AllReady")
    #expect(cluster.condition("Reconciling", of: "wordcount")?.status == "False")
    #expect(cluster.condition("Stalled", of: "wordcount")?.status == "False")
    #expect(cluster.condition("Degraded", of: "wordcount") == nil)
    #expect(events(cluster).contains("Accepted"))
    #expect(events(cluster).contains("ScaledUp"))
    let budget = cluster.state.withLock { $0.objects["PodDisruptionBudget/default/pheromone-wordcount"] }
    #expect(budget?["spec", "maxUnavailable"] == 1)
    #expect(budget?["spec", "unhealthyPodEvictionPolicy"] == "AlwaysAllow")
  }

  @Test func writesNothingWhenNothingChanged() async throws {
    let cluster = Fixtures.cluster()
    let reconciler = Fixtures.reconciler(cluster)
    try await Fixtures.settle(cluster, reconciler)
    cluster.state.withLock { $0.calls = [] }
    _ = try await reconciler.reconcile(Fixtures.key)
    _ = try await Fixtures.reconciler(cluster).reconcile(Fixtures.key)
    #expect(cluster.state.withLock { $0.calls } == [])
  }

  @Test(arguments: [true, false]) func aBudgetThatSomebodyChangedOrDeletedIsPutRightOnce(isDeleted: Bool) async throws {
    let cluster = Fixtures.cluster()
    let reconciler = Fixtures.reconciler(cluster)
    try await Fixtures.settle(cluster, reconciler)
    cluster.state.withLock { state in
      let id = "PodDisruptionBudget/default/pheromone-wordcount"
      if isDeleted { state.objects[id] = nil } else { state.objects[id]?["spec", "maxUnavailable"] = 2 }
      state.calls = []
    }
    cluster.sync()
    reconciler.budgetObserved(of: Fixtures.key)
    // The cache lags, and still it is written once.
    for _ in 0..<3 { _ = try await reconciler.reconcile(Fixtures.key) }
    #expect(cluster.state.withLock { $0.calls } == ["apply poddisruptionbudgets pheromone-wordcount"])
    #expect(cluster.object(DisruptionBudget.type, "pheromone-wordcount")?["spec", "maxUnavailable"] == 1)
  }

  @Test func whatTheCacheKeepsOfAPodIsAllThatIsReadOfIt() async throws {
    let cluster = Fixtures.cluster(replicas: 1)
    try await Fixtures.settle(cluster, Fixtures.reconciler(cluster))
    var pod = try #require(cluster.activePods.first)
    pod["status", "containerStatuses"] = [
      ["name": "app", "restartCount": 2, "state": ["running": ["startedAt": "2026-11-23T08:00:00Z"]]]
    ]
    let slim = ExecutorPod.essentials(of: pod)
    let now = Date(timeIntervalSince1970: 0)
    let uid = try #require(pod.controller?.uid)
    #expect(ExecutorPod(slim, workflowUID: uid, now: now) == ExecutorPod(pod, workflowUID: uid, now: now))
    #expect(ExecutorPod(slim, workflowUID: uid, now: now).sidecarImage != nil)
    #expect(slim.document.canonicalText.utf8.count < pod.document.canonicalText.utf8.count / 2)
  }

  @Test func aStaleCacheCreatesNothingTwice() async throws {
    let cluster = Fixtures.cluster(replicas: 3)
    let reconciler = Fixtures.reconciler(cluster)
    for _ in 0..<4 { _ = try await reconciler.reconcile(Fixtures.key) }
    _ = try await Fixtures.reconciler(cluster).reconcile(Fixtures.key)
    #expect(cluster.state.withLock { $0.podsCreated } == 3)
    #expect(cluster.activePods.count == 3)
  }

  @Test func scalesDownWhatIsLeastBusy() async throws {
    let cluster = Fixtures.cluster(replicas: 3)
    let reconciler = Fixtures.reconciler(cluster)
    try await Fixtures.settle(cluster, reconciler)
    let names = cluster.activePods.map(\.name)
    cluster.state.withLock {
      $0.load = [
        names[0]: PodLoadReport(sessions: 2, busy: 1), names[1]: PodLoadReport(sessions: 0, busy: 0),
        names[2]: PodLoadReport(sessions: 1, busy: 1),
      ]
    }
    cluster.change(.workflow, "wordcount") { $0["spec", "replicas"] = 1 }
    cluster.sync()
    try await Fixtures.settle(cluster, reconciler)
    #expect(cluster.activePods.map(\.name) == [names[0]])
    #expect(events(cluster).contains("ScaledDown"))
  }

  @Test func atZeroReplicasItIsReady() async throws {
    let cluster = Fixtures.cluster(replicas: 0)
    try await Fixtures.settle(cluster, Fixtures.reconciler(cluster))
    #expect(cluster.condition("Ready", of: "wordcount")?.status == "True")
    #expect(cluster.condition("Ready", of: "wordcount")?.reason == "ScaledToZero")
    #expect(cluster.object(.workflow, "wordcount")?["status", "ready"] == "0/0")
    #expect(cluster.activePods.isEmpty)
  }

  @Test func rollsAChangedTemplate() async throws {
    let cluster = Fixtures.cluster()
    let reconciler = Fixtures.reconciler(cluster)
    try await Fixtures.settle(cluster, reconciler)
    let before = Set(cluster.activePods.map(\.name))
    cluster.change(.workflow, "wordcount") { $0["spec", "executors"] = 4 }
    cluster.state.withLock {
      $0.mostActivePods = 0
      $0.leastReadyPods = .max
    }
    cluster.sync()
    try await Fixtures.settle(cluster, reconciler)
    #expect(cluster.activePods.count == 2)
    #expect(before.isDisjoint(with: cluster.activePods.map(\.name)))
    #expect(cluster.state.withLock { $0.mostActivePods } == 3)
    #expect(cluster.state.withLock { $0.leastReadyPods } == 2)
    #expect(events(cluster).contains("RolledOut"))
  }

  @Test func pausedRollsNothing() async throws {
    let cluster = Fixtures.cluster()
    let reconciler = Fixtures.reconciler(cluster)
    try await Fixtures.settle(cluster, reconciler)
    let before = cluster.activePods.map(\.name)
    cluster.change(.workflow, "wordcount") {
      $0["spec", "executors"] = 4
      $0["spec", "paused"] = true
    }
    cluster.sync()
    try await Fixtures.settle(cluster, reconciler)
    #expect(cluster.activePods.map(\.name) == before)
    #expect(cluster.condition("Reconciling", of: "wordcount")?.reason == "Paused")
  }

  @Test func unsoundWorkflowsStartNothingAndSayWhy() async throws {
    let cluster = Fixtures.cluster { $0["entry"] = "nope" }
    try await Fixtures.settle(cluster, Fixtures.reconciler(cluster))
    #expect(cluster.activePods.isEmpty)
    let accepted = cluster.condition("Accepted", of: "wordcount")
    #expect(accepted?.status == "False")
    #expect(accepted?.message.contains("spec.entry") == true)
    #expect(cluster.condition("Ready", of: "wordcount")?.status == "False")
    #expect(cluster.condition("Stalled", of: "wordcount")?.status == "True")
  }

  @Test func waitsForBucketsWithoutAlarm() async throws {
    let cluster = FakeCluster()
    cluster.put(Fixtures.workflow())
    cluster.sync()
    let reconciler = Fixtures.reconciler(cluster)
    _ = try await reconciler.reconcile(Fixtures.key)
    #expect(cluster.condition("Accepted", of: "wordcount")?.reason == "BucketNotFound")
    #expect(cluster.state.withLock { $0.events.contains { $0.isWarning } } == false)
    for bucket in Fixtures.buckets { cluster.put(bucket) }
    cluster.sync()
    try await Fixtures.settle(cluster, reconciler)
    #expect(cluster.condition("Ready", of: "wordcount")?.status == "True")
  }

  @Test func aRejectedChangeLeavesWhatRuns() async throws {
    let cluster = Fixtures.cluster()
    let reconciler = Fixtures.reconciler(cluster)
    try await Fixtures.settle(cluster, reconciler)
    let before = cluster.activePods.map(\.name)
    cluster.change(.workflow, "wordcount") {
      $0["spec", "entry"] = "nope"
      $0["spec", "executors"] = 3
    }
    cluster.sync()
    try await Fixtures.settle(cluster, reconciler)
    #expect(cluster.activePods.map(\.name) == before)
    #expect(cluster.condition("Accepted", of: "wordcount")?.status == "False")
    cluster.change(.workflow, "wordcount") { $0["spec", "entry"] = "split" }
    cluster.sync()
    try await Fixtures.settle(cluster, reconciler)
    #expect(cluster.condition("Accepted", of: "wordcount")?.status == "True")
    #expect(Set(before).isDisjoint(with: cluster.activePods.map(\.name)))
  }

  @Test func aRefusedTemplateIsReportedInTheWorkflowsTerms() async throws {
    let cluster = Fixtures.cluster()
    cluster.state.withLock {
      $0.dryRunError = APIStatus(
        message: "invalid", reason: "Invalid",
        details: .init(causes: [.init(message: "Invalid value", field: "spec.containers[0].image")]), code: 422)
    }
    let again = try await Fixtures.reconciler(cluster).reconcile(Fixtures.key)
    #expect(cluster.pods.isEmpty)
    let accepted = cluster.condition("Accepted", of: "wordcount")
    #expect(accepted?.reason == "InvalidTemplate")
    #expect(accepted?.message.contains("spec.template.spec.containers[0].image") == true)
    #expect(again == 30)
  }

  @Test func failuresToCreateAreVisibleAndRepeated() async throws {
    let cluster = Fixtures.cluster(replicas: 8)
    cluster.state.withLock { $0.createError = APIStatus(message: "exceeded quota", reason: "Forbidden", code: 403) }
    let reconciler = Fixtures.reconciler(cluster)
    await #expect(throws: KubernetesError.self) { try await reconciler.reconcile(Fixtures.key) }
    #expect(cluster.condition("Degraded", of: "wordcount")?.reason == "FailedCreate")
    // Slow start: one was tried, not eight.
    #expect(cluster.state.withLock { $0.calls.count { $0.hasPrefix("create pods") } } == 1)
    cluster.state.withLock { $0.createError = nil }
    cluster.sync()
    try await Fixtures.settle(cluster, reconciler)
    #expect(cluster.activePods.count == 8)
    #expect(cluster.condition("Degraded", of: "wordcount") == nil)
  }

  @Test func adoptsOnlyWithoutAnotherController() async throws {
    let cluster = Fixtures.cluster(replicas: 1)
    var orphan = KubernetesObject(.pod, namespace: "default", name: "orphan")
    let settings = WorkflowSettings(Fixtures.workflow(replicas: 1))
    let revision = Revision.hash(of: settings, sidecarImage: Fixtures.composer.sidecarImage)
    orphan["metadata", "labels"] = ["pheromone.dev/workflow": "wordcount", "pheromone.dev/revision": .string(revision)]
    orphan["status", "phase"] = "Pending"
    var foreign = orphan
    foreign["metadata", "name"] = "foreign"
    foreign["metadata", "ownerReferences"] = [
      ["apiVersion": "v1", "kind": "X", "name": "x", "uid": "other", "controller": true]
    ]
    cluster.put(orphan)
    cluster.put(foreign)
    cluster.sync()
    try await Fixtures.settle(cluster, Fixtures.reconciler(cluster))
    #expect(cluster.object(.pod, "orphan")?.controller?.uid == "workflow-uid")
    #expect(cluster.object(.pod, "foreign")?.controller?.uid == "other")
    #expect(cluster.activePods.map(\.name) == ["foreign", "orphan"])
  }

  @Test func adoptsNothingForAWorkflowThatIsNoLongerThere() async throws {
    let cluster = Fixtures.cluster(replicas: 1)
    var orphan = KubernetesObject(.pod, namespace: "default", name: "orphan")
    orphan["metadata", "labels"] = ["pheromone.dev/workflow": "wordcount"]
    cluster.put(orphan)
    cluster.sync()
    // The cache does not know yet that the workflow was deleted and made anew.
    cluster.change(.workflow, "wordcount") { $0["metadata", "uid"] = "another" }
    _ = try? await Fixtures.reconciler(cluster).reconcile(Fixtures.key)
    #expect(cluster.object(.pod, "orphan")?.controller == nil)
  }

  @Test func podsThatEndAreReplacedWithBackOff() async throws {
    let cluster = Fixtures.cluster(replicas: 1)
    let reconciler = Fixtures.reconciler(cluster)
    try await Fixtures.settle(cluster, reconciler)
    let name = cluster.activePods[0].name
    cluster.change(.pod, name) { $0["status"] = ["phase": "Failed"] }
    cluster.sync()
    let again = try await reconciler.reconcile(Fixtures.key)
    #expect(again == 1)
    #expect(cluster.object(.pod, name)?.isBeingDeleted == true)
    #expect(cluster.activePods.isEmpty)
    #expect(cluster.condition("Degraded", of: "wordcount")?.reason == "PodsEnded")
  }

  @Test func saysWhichFunctionsAreMissing() async throws {
    let cluster = Fixtures.cluster(replicas: 1)
    let now = Fixtures.time.addingTimeInterval(60)
    let reconciler = Fixtures.reconciler(cluster, now: { now })
    _ = try await reconciler.reconcile(Fixtures.key)
    func containersRun(_ running: Set<String>, for seconds: TimeInterval) async throws -> TimeInterval? {
      cluster.change(.pod, cluster.pods[0].name) {
        $0["status"] = [
          "phase": "Running", "podIP": "127.0.0.9",
          "containerStatuses": .array(
            ["app", "more"].map { name in
              let start = Timestamp.format(now.addingTimeInterval(-seconds))
              return [
                "name": .string(name),
                "state": running.contains(name) ? ["running": ["startedAt": .string(start)]] : ["waiting": [:]],
              ]
            }),
        ]
      }
      cluster.sync()
      return try await reconciler.reconcile(Fixtures.key)
    }
    cluster.state.withLock { $0.unreadiness = "no executor has registered the function merge" }
    // A container that is being started anew, or has only just been, is no reason to look for a mistake.
    #expect(try await containersRun(["app"], for: 60) == 5)
    #expect(cluster.condition("Degraded", of: "wordcount") == nil)
    #expect(try await containersRun(["app", "more"], for: 4) == 5)
    #expect(cluster.condition("Degraded", of: "wordcount") == nil)
    let again = try await containersRun(["app", "more"], for: 5)
    let degraded = cluster.condition("Degraded", of: "wordcount")
    #expect(degraded?.reason == "FunctionsMissing")
    #expect(degraded?.message.contains("merge") == true)
    #expect(again == 5)
  }

  @Test func imagesThatCannotBePulledAreReported() async throws {
    let cluster = Fixtures.cluster(replicas: 1)
    let reconciler = Fixtures.reconciler(cluster)
    _ = try await reconciler.reconcile(Fixtures.key)
    cluster.change(.pod, cluster.pods[0].name) {
      $0["status", "containerStatuses"] = [
        [
          "name": "app", "image": "nope:1",
          "state": ["waiting": ["reason": "ImagePullBackOff", "message": "back-off"]],
        ]
      ]
    }
    cluster.sync()
    _ = try await reconciler.reconcile(Fixtures.key)
    let degraded = cluster.condition("Degraded", of: "wordcount")
    #expect(degraded?.reason == "ImagePullFailed")
    #expect(degraded?.message.contains("nope:1") == true)
  }

  @Test func upgradesOfTheOperatorTakeTurns() async throws {
    let gate = RolloutGate(limit: 1)
    let cluster = Fixtures.cluster()
    try await Fixtures.settle(cluster, Fixtures.reconciler(cluster))
    let upgraded = PodComposer(sidecarImage: "sidecar:2", coordinator: "c:8081")
    #expect(gate.enter("somebody else"))
    let reconciler = Fixtures.reconciler(cluster, composer: upgraded, gate: gate)
    let again = try await reconciler.reconcile(Fixtures.key)
    #expect(again == 5)
    #expect(cluster.condition("Reconciling", of: "wordcount")?.reason == "RolloutQueued")
    #expect(cluster.activePods.count == 2)
    gate.leave("somebody else")
    cluster.sync()
    try await Fixtures.settle(cluster, reconciler)
    #expect(
      Set(cluster.activePods.compactMap { $0["spec", "initContainers"]?[0]?["image"]?.stringValue }) == ["sidecar:2"])
    #expect(gate.enter("the next one"))
  }

  @Test func deletedWorkflowsAreLeftToTheGarbageCollector() async throws {
    let cluster = Fixtures.cluster()
    let reconciler = Fixtures.reconciler(cluster)
    try await Fixtures.settle(cluster, reconciler)
    cluster.change(.workflow, "wordcount") { $0["metadata", "deletionTimestamp"] = "2026-11-23T08:00:00Z" }
    cluster.sync()
    cluster.state.withLock { $0.calls = [] }
    _ = try await reconciler.reconcile(Fixtures.key)
    #expect(cluster.state.withLock { $0.calls }.isEmpty)
  }
}
