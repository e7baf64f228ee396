import KubernetesAPI
import KubernetesClient
import Reconcilers

/// What there was in the end, and how often it was written, so that the same writes can be made without a controller.
struct RecordedState: Sendable {
  private var scene: Scene
  private var counts: RequestCounts
  private var pods: [String: [KubernetesObject]]
  private var budgets: [String: KubernetesObject]
  private var workflows: [String: KubernetesObject]
  private var buckets: [String: [KubernetesObject]]

  init(_ cluster: BenchCluster, _ counts: RequestCounts, _ scene: Scene) async throws {
    self.scene = scene
    self.counts = counts
    let client = cluster.client
    func owner(_ object: KubernetesObject) -> String { object.labels[ExecutorPodLabels.workflow] ?? "" }
    pods = Dictionary(grouping: try await client.list(.pod).items, by: owner)
    budgets = Dictionary(
      try await client.list(DisruptionBudget.type).items.map { (owner($0), $0) }, uniquingKeysWith: { $1 })
    workflows = Dictionary(try await client.list(.workflow).items.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    buckets = Dictionary(grouping: try await client.list(.bucket).items) { $0["spec", "workflow"]?.stringValue ?? "" }
  }

  /// - Returns: how long it took.
  func replay(on cluster: BenchCluster) async throws -> Duration {
    try await cluster.createNamespaces(scene)
    let start = ContinuousClock.now
    try await cluster.inLanes(0..<scene.workflows) { number in
      try await replay(number, with: cluster.client)
    }
    try await cluster.waitUntilRunning(pods.values.reduce(0) { $0 + $1.count })
    return ContinuousClock.now - start
  }

  private func replay(_ number: Int, with client: KubernetesClient) async throws {
    for (object, type) in scene.documents(number) { _ = try await client.apply(object, type, fieldManager: "kubectl") }
    let name = "flow-\(number)"
    let pods = pods[name] ?? []
    for (index, pod) in pods.enumerated() {
      let fresh = Self.withoutWhatTheServerAdds(pod)
      if index < times("create pods (dry run)") { _ = try await client.create(fresh, .pod, dryRun: true) }
      // The nodes of the cluster write their status, as they did.
      _ = try await client.create(fresh, .pod)
    }
    if let budget = budgets[name] {
      let fresh = Self.withoutWhatTheServerAdds(budget)
      _ = try await client.apply(fresh, DisruptionBudget.type, fieldManager: "pheromone-controller")
    }
    if let workflow = workflows[name] {
      try await replayStatus(of: workflow, .workflow, times: times("patch workflows/status"), client)
    }
    for bucket in buckets[name] ?? [] {
      try await replayStatus(of: bucket, .bucket, times: times("patch buckets/status") / 2, client)
    }
  }

  /// How often for each workflow, rounded up.
  private func times(_ request: String) -> Int { (counts.count(request) + scene.workflows - 1) / scene.workflows }

  /// Each time with another number in it, since a write that changes nothing costs less.
  private func replayStatus(
    of object: KubernetesObject, _ type: ResourceType, times: Int, _ client: KubernetesClient
  ) async throws {
    for number in 0..<times {
      var status = KubernetesObject(type, namespace: object.namespace, name: object.name)
      status["status"] = object["status"]
      status["status", "observedGeneration"] = .integer(Int64(number))
      _ = try await client.apply(status, type, subresource: "status", fieldManager: "pheromone-controller")
    }
  }

  private static func withoutWhatTheServerAdds(_ object: KubernetesObject) -> KubernetesObject {
    var fresh = object
    fresh["status"] = nil
    for field in ["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"] {
      fresh["metadata", field] = nil
    }
    // There is no such owner: with its reference, the object would be collected.
    fresh["metadata", "ownerReferences"] = nil
    return fresh
  }
}
