import Foundation
import KubernetesAPI
import Logging
import Reconcilers
import Synchronization

/// The word count of the examples, as the API server would store it.
enum Fixtures {
  static let time = Date(timeIntervalSince1970: 1_795_420_800)
  static let key = ObjectKey(namespace: "default", name: "wordcount")
  static let composer = PodComposer(
    sidecarImage: "ghcr.io/pheromone-dev/pheromone-sidecar:0.1.0", coordinator: "c:8081")

  static func workflow(replicas: Int = 2, spec change: (inout JSONValue) -> Void = { _ in }) -> KubernetesObject {
    var workflow = KubernetesObject(.workflow, namespace: "default", name: "wordcount")
    workflow["metadata", "uid"] = "workflow-uid"
    workflow["metadata", "generation"] = 1
    var spec: JSONValue = [
      "replicas": .integer(Int64(replicas)), "entry": "split", "executors": 2, "sharedMemory": "256Mi",
      "functions": [
        ["name": "split", "outputs": ["words"]], ["name": "count", "outputs": ["counts"]],
        ["name": "merge", "outputs": []],
      ],
      "template": ["spec": ["containers": [["name": "app", "image": "ghcr.io/pheromone-dev/wordcount:0.1.0"]]]],
    ]
    change(&spec)
    workflow["spec"] = spec
    return workflow
  }

  static var buckets: [KubernetesObject] {
    [
      bucket("words", [["name": "count-each", "target": "count", "immediate": [:]]]),
      bucket("counts", [["name": "merge-all", "target": "merge", "dynamicJoin": ["announcedBy": ["split"]]]]),
    ]
  }

  static func bucket(_ name: String, _ triggers: JSONValue) -> KubernetesObject {
    var bucket = KubernetesObject(.bucket, namespace: "default", name: name)
    bucket["metadata", "generation"] = 1
    bucket["spec"] = ["workflow": "wordcount", "triggers": triggers]
    return bucket
  }

  static func cluster(replicas: Int = 2, spec change: (inout JSONValue) -> Void = { _ in }) -> FakeCluster {
    let cluster = FakeCluster()
    cluster.put(workflow(replicas: replicas, spec: change))
    for bucket in buckets { cluster.put(bucket) }
    cluster.sync()
    return cluster
  }

  static func reconciler(
    _ cluster: FakeCluster, api: (any ClusterAPI)? = nil, composer: PodComposer = composer,
    gate: RolloutGate = RolloutGate(limit: 1), now: @escaping @Sendable () -> Date = { time.addingTimeInterval(60) }
  ) -> WorkflowReconciler {
    WorkflowReconciler(
      cache: cluster, api: api ?? cluster, insight: cluster, events: cluster, composer: composer, gate: gate,
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), now: now)
  }

  /// Looks, lets the nodes work and the cache catch up, until nothing changes any more.
  static func settle(_ cluster: FakeCluster, _ reconciler: WorkflowReconciler, rounds: Int = 40) async throws {
    for _ in 0..<rounds {
      let before = cluster.state.withLock { $0.version }
      _ = try await reconciler.reconcile(key)
      cluster.runNodes()
      cluster.sync()
      if cluster.state.withLock({ $0.version }) == before, cluster.pods.allSatisfy({ !$0.isBeingDeleted }) { return }
    }
  }

  static func pod(_ name: String, revision: String = "new", _ change: (inout ExecutorPod) -> Void = { _ in })
    -> ExecutorPod
  {
    var pod = ExecutorPod(name: name, uid: "uid-\(name)", createdAt: time)
    pod.revision = revision
    pod.readySince = time
    change(&pod)
    return pod
  }
}
