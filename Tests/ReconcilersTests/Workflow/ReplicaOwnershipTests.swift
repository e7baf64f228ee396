import Dataflow
import KubernetesAPI
import Reconcilers
import Testing

@Suite struct ReplicaOwnershipTests {
  private func warning(applied: String?, replicas: Int) -> String? {
    var workflow = Fixtures.workflow(replicas: replicas)
    workflow["metadata", "annotations"] = applied.map {
      ["kubectl.kubernetes.io/last-applied-configuration": .string($0)]
    }
    return ReplicaOwnership.warning(workflow)?.message
  }

  @Test func warnsWhereAnApplyWouldUndoAnAutoscaler() {
    #expect(warning(applied: #"{"spec":{"replicas":2}}"#, replicas: 5)?.contains("to 2, and kubectl scale") == true)
    #expect(warning(applied: #"{"spec":{"replicas":2}}"#, replicas: 2) == nil, "nobody else has set it")
    #expect(warning(applied: #"{"spec":{}}"#, replicas: 5) == nil, "the manifest leaves it to others")
    #expect(warning(applied: nil, replicas: 5) == nil, "server-side apply hands the field over")
    #expect(warning(applied: "{", replicas: 5) == nil)
  }

  @Test func theConditionSaysIt() async throws {
    let cluster = Fixtures.cluster(replicas: 3)
    cluster.change(.workflow, "wordcount") {
      $0["metadata", "annotations"] = [
        "kubectl.kubernetes.io/last-applied-configuration": #"{"spec":{"replicas":2}}"#
      ]
    }
    cluster.sync()
    try await Fixtures.settle(cluster, Fixtures.reconciler(cluster))
    let accepted = cluster.condition("Accepted", of: "wordcount")
    #expect(accepted?.status == "True")
    #expect(accepted?.message.contains("kubectl apply edit-last-applied workflow/wordcount") == true)
  }
}
