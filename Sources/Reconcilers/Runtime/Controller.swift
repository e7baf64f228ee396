import ControllerRuntime
import FoundationEssentials
import KubernetesAPI
package import KubernetesClient
package import Logging

/// The whole controller: four reflectors, two queues, and the reconcilers between them.
///
/// Each run begins with empty caches and an empty memory, so that a replica that has been waiting for its lease acts
/// on what is, and not on what it saw in its last term.
package struct Controller: Sendable {
  package struct Settings: Sendable {
    package var composer: PodComposer
    package var concurrentRollouts: Int
    package var workers: Int
    /// The only namespace whose resources are reconciled; nil means all of them.
    package var watchNamespace: String?

    package init(
      composer: PodComposer, concurrentRollouts: Int = 5, workers: Int = 4, watchNamespace: String? = nil
    ) {
      self.composer = composer
      self.concurrentRollouts = concurrentRollouts
      self.workers = workers
      self.watchNamespace = watchNamespace
    }
  }

  private let client: KubernetesClient
  private let insight: any PodInsight
  private let events: any EventSink
  private let settings: Settings
  private let metrics: ControllerMetrics
  private let logger: Logger

  package init(
    client: KubernetesClient, insight: any PodInsight, events: any EventSink, settings: Settings,
    metrics: ControllerMetrics, logger: Logger
  ) {
    self.client = client
    self.insight = insight
    self.events = events
    self.settings = settings
    self.metrics = metrics
    self.logger = logger
  }

  /// Reconciles until it is cancelled.
  package func run() async throws {
    metrics.becameActive()
    defer { metrics.becameIdle() }
    let cache = StoreCache()
    let api = LiveCluster(client)
    let workflowQueue = WorkQueue<ObjectKey>()
    let bucketQueue = WorkQueue<ObjectKey>()
    let workflows = WorkflowReconciler(
      cache: cache, api: api, insight: insight, events: events, composer: settings.composer,
      gate: RolloutGate(limit: settings.concurrentRollouts), logger: logger)
    let buckets = BucketReconciler(cache: cache, api: api, events: events)

    try await withThrowingTaskGroup(of: Void.self) { group in
      defer {
        workflowQueue.shutDown()
        bucketQueue.shutDown()
      }
      for reflector in reflectors(cache) { group.addTask { try await reflector.run() } }
      group.addTask { await followWorkflows(cache, workflowQueue, bucketQueue) }
      group.addTask { await followBuckets(cache, workflowQueue, bucketQueue) }
      group.addTask { await followPods(cache, workflows, workflowQueue) }
      group.addTask { await followBudgets(cache, workflows, workflowQueue) }
      group.addTask {
        try await cache.waitUntilSynced()
        metrics.synced()
        logger.info("caches are filled, reconciling")
        try await loop("Workflow", workflowQueue) { try await workflows.reconcile($0) }.run()
      }
      group.addTask {
        try await cache.waitUntilSynced()
        try await loop("Bucket", bucketQueue) { key in
          try await buckets.reconcile(key)
          return nil
        }.run()
      }
      // None of them ends by itself: the first to end ends all.
      try await group.next()
      group.cancelAll()
      try await group.waitForAll()
    }
  }

  private func reflectors(_ cache: StoreCache) -> [Reflector] {
    let namespace = settings.watchNamespace
    return [
      Reflector(client: client, type: .workflow, namespace: namespace, store: cache.workflows, logger: logger),
      Reflector(client: client, type: .bucket, namespace: namespace, store: cache.buckets, logger: logger),
      Reflector(
        client: client, type: .pod, namespace: namespace, labelSelector: ExecutorPodLabels.workflow, store: cache.pods,
        logger: logger),
      Reflector(
        client: client, type: DisruptionBudget.type, namespace: namespace, labelSelector: ExecutorPodLabels.workflow,
        store: cache.budgets, logger: logger),
    ]
  }

  private func loop(
    _ kind: String, _ queue: WorkQueue<ObjectKey>,
    _ reconcile: @escaping @Sendable (ObjectKey) async throws -> TimeInterval?
  ) -> ReconcileLoop {
    let metrics = metrics
    metrics.follow(kind, .init(count: { queue.count }, waits: { queue.waits }))
    return ReconcileLoop(name: kind, queue: queue, workers: settings.workers, logger: logger) { key in
      let start = ContinuousClock.now
      do {
        let again = try await reconcile(key)
        metrics.reconciled(kind, again == nil ? .done : .requeued, took: .now - start)
        return again.map { .requeue(after: .seconds($0)) } ?? .done
      } catch {
        metrics.reconciled(kind, .failed, took: .now - start)
        return .failed(error)
      }
    }
  }

  // MARK: - What a change concerns

  /// A workflow concerns itself and the buckets that name it.
  private func followWorkflows(
    _ cache: StoreCache, _ workflows: WorkQueue<ObjectKey>, _ buckets: WorkQueue<ObjectKey>
  ) async {
    for await change in cache.workflows.changes() {
      workflows.add(change.key)
      for bucket in cache.buckets(of: change.key) { buckets.add(bucket.key) }
    }
  }

  /// A bucket concerns its workflow, and through the static check its siblings.
  private func followBuckets(
    _ cache: StoreCache, _ workflows: WorkQueue<ObjectKey>, _ buckets: WorkQueue<ObjectKey>
  ) async {
    for await change in cache.buckets.changes() {
      buckets.add(change.key)
      guard change.old?["spec"] != change.new?["spec"] || change.new?.isBeingDeleted == true else { continue }
      for name in Set([change.old, change.new].compactMap { $0?["spec", "workflow"]?.stringValue }) {
        let workflow = ObjectKey(namespace: change.key.namespace, name: name)
        workflows.add(workflow)
        for sibling in cache.buckets(of: workflow) { buckets.add(sibling.key) }
      }
    }
  }

  /// A pod concerns the workflow whose label it carries, or carried.
  private func followPods(
    _ cache: StoreCache, _ reconciler: WorkflowReconciler, _ workflows: WorkQueue<ObjectKey>
  ) async {
    for await change in cache.pods.changes() {
      if let pod = change.new ?? change.old { reconciler.podObserved(pod, isGone: change.new == nil) }
      if let old = change.old, let new = change.new, old.uid != new.uid { reconciler.podObserved(old, isGone: true) }
      for pod in [change.old, change.new] {
        if let key = pod.flatMap(ExecutorPodLabels.workflowKey) { workflows.add(key) }
      }
    }
  }

  /// A budget that somebody has changed or deleted concerns its workflow. Of its status, which others keep, nothing does.
  private func followBudgets(
    _ cache: StoreCache, _ reconciler: WorkflowReconciler, _ workflows: WorkQueue<ObjectKey>
  ) async {
    for await change in cache.budgets.changes() {
      guard let key = (change.new ?? change.old).flatMap(DisruptionBudget.workflowKey) else { continue }
      if let old = change.old, let new = change.new, DisruptionBudget.isSame(old, new) { continue }
      reconciler.budgetObserved(of: key)
      workflows.add(key)
    }
  }
}
