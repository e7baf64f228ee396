import ControllerRuntime
package import Dataflow
import FoundationEssentials
package import KubernetesAPI
package import KubernetesClient
package import Logging

/// Follows Workflows, Buckets and executor pods and tells the broker.
package struct ClusterWatch: Sendable {
  private let client: KubernetesClient
  private let broker: SessionBroker
  private let namespace: String?
  private let logger: Logger
  private let workflows = ResourceStore()
  private let buckets = ResourceStore(indexes: [
    "workflow": { bucket in
      guard let workflow = bucket["spec", "workflow"]?.stringValue else { return [] }
      return [ObjectKey(namespace: bucket.namespace, name: workflow).description]
    }
  ])
  private let pods = ResourceStore()
  static let workflowLabel = "pheromone.dev/workflow"

  /// - Parameter namespace: the only one that is followed; nil means all of them.
  package init(client: KubernetesClient, broker: SessionBroker, namespace: String?, logger: Logger) {
    self.client = client
    self.broker = broker
    self.namespace = namespace
    self.logger = logger
  }

  /// A bucket as it was seen last.
  package func bucket(_ key: ObjectKey) -> KubernetesObject? { buckets.get(key) }

  /// Runs until it is cancelled.
  package func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for reflector in [
        Reflector(client: client, type: .workflow, namespace: namespace, store: workflows, logger: logger),
        Reflector(client: client, type: .bucket, namespace: namespace, store: buckets, logger: logger),
        Reflector(
          client: client, type: .pod, namespace: namespace, labelSelector: Self.workflowLabel, store: pods,
          logger: logger),
      ] {
        group.addTask { try await reflector.run() }
      }
      group.addTask { for await change in workflows.changes() { compile(change.key) } }
      group.addTask {
        for await change in buckets.changes() {
          let names = [change.old, change.new].compactMap { $0?["spec", "workflow"]?.stringValue }
          for name in Set(names) { compile(ObjectKey(namespace: change.key.namespace, name: name)) }
        }
      }
      group.addTask { for await change in pods.changes() { follow(change) } }
      group.addTask {
        try await workflows.waitUntilSynced()
        try await buckets.waitUntilSynced()
        try await pods.waitUntilSynced()
        // The streams of changes may lag behind the stores; what is known has to be told before this.
        for workflow in workflows.list() { compile(workflow.key) }
        for pod in pods.list() { follow(StoreChange(key: pod.key, old: nil, new: pod)) }
        broker.synced()
        logger.info("caches are filled")
      }
      try await group.waitForAll()
    }
  }

  private func compile(_ key: ObjectKey) {
    guard let workflow = workflows.get(key), !workflow.isBeingDeleted else {
      broker.workflowDeleted(key)
      return
    }
    let isSuspended = workflow["spec", "suspend"]?.boolValue ?? false
    let (plan, findings) = PlanBoard.compile(
      workflow, buckets: buckets.list(index: "workflow", value: key.description).filter { !$0.isBeingDeleted })
    let errors = findings.filter(\.isError)
    if let finding = errors.first {
      logger.info("unsound; the last sound plan stays", metadata: ["workflow": "\(key)", "finding": "\(finding)"])
    }
    broker.workflowChanged(
      key, entry: workflow["spec", "entry"]?.stringValue, plan: plan, findings: errors, isSuspended: isSuspended,
      currentRevision: workflow["status", "revision"]?.stringValue, counted: SessionCounters(endedAsOf: workflow))
  }

  private func follow(_ change: StoreChange) {
    let old = change.old.flatMap(Self.workflow(of:))
    let new = change.new.flatMap(Self.workflow(of:))
    if let old, old != new || change.new == nil { broker.podVanished(change.key.name, of: old) }
    if let new, let pod = change.new { broker.podObserved(Self.observe(pod), of: new) }
  }

  /// The workflow that a pod says it belongs to, and that really is its controller.
  static func workflow(of pod: KubernetesObject) -> ObjectKey? {
    guard let name = pod.labels[workflowLabel] else { return nil }
    if let owner = pod.controller, owner.kind != "Workflow" || owner.name != name { return nil }
    return ObjectKey(namespace: pod.namespace, name: name)
  }

  static func observe(_ pod: KubernetesObject) -> ObservedPod {
    let conditions = pod["status", "conditions"]?.arrayValue ?? []
    let isReady = conditions.contains { $0["type"] == "Ready" && $0["status"] == "True" }
    return ObservedPod(
      name: pod.name, uid: pod.uid, isReady: isReady, isBeingDeleted: pod.isBeingDeleted,
      createdAt: pod.creationTimestamp ?? "")
  }
}

/// Compiles resources as the API server has them.
package enum PlanBoard {
  package static func compile(
    _ workflow: KubernetesObject, buckets: [KubernetesObject]
  ) -> (plan: WorkflowPlan?, findings: [Finding]) {
    var findings: [Finding] = []
    func decode<Spec: Decodable>(_ object: KubernetesObject, _ type: Spec.Type) -> Spec? {
      let resource = "\(object.kind.isEmpty ? "\(type)" : object.kind)/\(object.name)"
      do {
        return try (object["spec"] ?? .emptyObject).decode(type)
      } catch let error as DecodingError {
        findings.append(Finding(decodingError: error, resource: resource))
      } catch {
        findings.append(Finding(resource: resource, field: "spec", message: "\(error)", remedy: "see kubectl explain"))
      }
      return nil
    }
    let spec = decode(workflow, WorkflowSpec.self)
    var specs: [String: BucketSpec] = [:]
    for bucket in buckets { specs[bucket.name] = decode(bucket, BucketSpec.self) }
    guard let spec, findings.isEmpty else { return (nil, findings) }
    return PlanCompiler.compile(
      namespace: workflow.namespace ?? "", workflow: workflow.name, spec: spec, buckets: specs)
  }
}
