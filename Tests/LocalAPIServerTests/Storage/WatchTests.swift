import Foundation
import KubernetesAPI
import Testing

@testable import LocalAPIServer

@Suite struct WatchTests {
  @Test func aWatchWithoutVersionBeginsWithWhatIsThere() throws {
    var harness = Harness()
    harness.create(Harness.workflows, Harness.workflow("a"))
    let plan = try #require(harness.get(Harness.workflows + "?watch=true").watch)
    #expect(plan.initial.count == 1 && plan.missed.isEmpty && !plan.marksInitialEnd)
  }

  @Test func initialEventsEndWithABookmark() throws {
    var harness = Harness()
    let query = "?watch=true&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan"
    let plan = try #require(harness.get(Harness.workflows + query).watch)
    #expect(plan.marksInitialEnd)
    let bookmark = plan.bookmark(at: 5, endsInitial: true)
    #expect(bookmark["type"] == "BOOKMARK")
    #expect(bookmark[path: "object", "metadata", "annotations", "k8s.io/initial-events-end"] == "true")
    #expect(harness.get(Harness.workflows + "?watch=true&sendInitialEvents=true").code == 422)
  }

  @Test func aWatchFromAVersionGetsWhatItMissed() throws {
    var harness = Harness()
    let first = harness.create(Harness.workflows, Harness.workflow("a")).document
    harness.merge(Harness.workflows + "/a", ["spec": ["replicas": 2]])
    let version = try #require(first[path: "metadata", "resourceVersion"]?.stringValue)
    let plan = try #require(harness.get(Harness.workflows + "?watch=true&resourceVersion=\(version)").watch)
    #expect(plan.missed.compactMap { plan.filter.event(for: $0)?.type } == ["MODIFIED"])
  }

  @Test func versionsThatAreTooOldExpire() throws {
    var harness = Harness()
    let plan = try #require(harness.get(Harness.workflows + "?watch=true&resourceVersion=1").watch)
    #expect(plan.failure?.code == 410)
    #expect(plan.failure?.message == "too old resource version: 1 (276)")
  }

  @Test func historyIsBounded() throws {
    var harness = Harness()
    harness.create("/api/v1/namespaces/default/configmaps", ["metadata": ["name": "c"]])
    for index in 0..<(ClusterState.historyLimit + 10) {
      harness.state.put(
        ["metadata": ["name": "c"], "data": ["n": .string(String(index))]],
        StorageKey(group: "", plural: "configmaps"), ObjectKey(namespace: "default", name: "c"))
    }
    #expect(harness.state.history.count == ClusterState.historyLimit)
    let plan = try #require(harness.get("/api/v1/configmaps?watch=true&resourceVersion=280").watch)
    #expect(plan.failure?.reason == "Expired")
  }

  @Test func objectsThatBeginOrCeaseToMatchAreAddedOrDeleted() throws {
    var harness = Harness()
    harness.create(Harness.workflows, Harness.workflow("a"))
    let plan = try #require(harness.get(Harness.workflows + "?watch=true&labelSelector=x%3Dy").watch)
    let start = harness.changes.count
    harness.merge(Harness.workflows + "/a", ["metadata": ["labels": ["x": "y"]]])
    harness.merge(Harness.workflows + "/a", ["metadata": ["labels": ["z": "z"]]])
    harness.merge(Harness.workflows + "/a", ["metadata": ["labels": ["x": nil]]])
    harness.delete(Harness.workflows + "/a")
    let types = harness.changes[start...].compactMap { plan.filter.event(for: $0)?.type }
    #expect(types == ["ADDED", "MODIFIED", "DELETED"])
  }

  @Test func slowWatchersAreCutOff() throws {
    var harness = Harness()
    let plan = try #require(harness.get(Harness.workflows + "?watch=true").watch)
    let subscription = WatchSubscription(plan: plan, now: harness.now, bufferLimit: 2)
    let start = harness.changes.count
    harness.create(Harness.workflows, Harness.workflow("a"))
    for replicas in 2...4 { harness.merge(Harness.workflows + "/a", ["spec": ["replicas": .integer(Int64(replicas))]]) }
    for change in harness.changes[start...] { subscription.offer(change) }
    #expect(subscription.hasOverflown)
  }
}
