import KubernetesAPI
import Reconcilers
import Synchronization
import Testing

@Suite struct BucketReconcilerTests {
  private func look(_ cluster: FakeCluster, _ name: String = "words") async throws {
    cluster.sync()
    try await BucketReconciler(cache: cluster, api: cluster, events: cluster, now: { Fixtures.time })
      .reconcile(ObjectKey(namespace: "default", name: name))
  }

  @Test func waitsForItsWorkflowAndRecovers() async throws {
    let cluster = FakeCluster()
    for bucket in Fixtures.buckets { cluster.put(bucket) }
    try await look(cluster)
    let waiting = cluster.condition("Accepted", of: "words", .bucket)
    #expect(waiting?.status == "False")
    #expect(waiting?.reason == "WorkflowNotFound")
    #expect(waiting?.message.contains("wordcount") == true)
    #expect(cluster.condition("Ready", of: "words", .bucket)?.status == "False")

    cluster.put(Fixtures.workflow())
    try await look(cluster)
    #expect(cluster.condition("Accepted", of: "words", .bucket)?.status == "True")
    #expect(cluster.condition("Ready", of: "words", .bucket)?.status == "True")
    #expect(cluster.object(.bucket, "words")?["status", "observedGeneration"] == 1)
    #expect(cluster.state.withLock { $0.events.map(\.reason) } == ["Accepted"])
  }

  @Test func namesTheFieldThatIsWrong() async throws {
    let cluster = Fixtures.cluster()
    cluster.change(.bucket, "words") { $0["spec", "triggers"] = [["name": "t", "target": "nope", "immediate": [:]]] }
    try await look(cluster)
    let accepted = cluster.condition("Accepted", of: "words", .bucket)
    #expect(accepted?.reason == "Unsound")
    #expect(accepted?.message.contains("spec.triggers[0].target") == true)
    // The other bucket is sound, but its workflow cannot run.
    try await look(cluster, "counts")
    #expect(cluster.condition("Accepted", of: "counts", .bucket)?.status == "True")
    #expect(cluster.condition("Ready", of: "counts", .bucket)?.reason == "WorkflowNotAccepted")
  }

  @Test func leavesTheCountersAlone() async throws {
    let cluster = Fixtures.cluster()
    cluster.change(.bucket, "words") { $0["status"] = ["objects": 7, "bytes": 100] }
    try await look(cluster)
    #expect(cluster.object(.bucket, "words")?["status", "objects"] == 7)
    cluster.state.withLock { $0.calls = [] }
    cluster.change(.bucket, "words") { $0["status", "objects"] = 8 }
    try await look(cluster)
    #expect(cluster.state.withLock { $0.calls }.isEmpty)
  }
}
