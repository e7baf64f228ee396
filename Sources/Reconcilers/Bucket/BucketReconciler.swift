package import FoundationEssentials
package import KubernetesAPI
import KubernetesClient

/// Says of each bucket whether it can be used. There is nothing else to do for one: it lives in the sidecars.
package struct BucketReconciler: Sendable {
  let cache: any ClusterCache
  let api: any ClusterAPI
  let events: any EventSink
  private let now: @Sendable () -> Date

  package init(
    cache: any ClusterCache, api: any ClusterAPI, events: any EventSink,
    now: @escaping @Sendable () -> Date = { Date() }
  ) {
    self.cache = cache
    self.api = api
    self.events = events
    self.now = now
  }

  package func reconcile(_ key: ObjectKey) async throws {
    // 1. Snapshot.
    guard let bucket = cache.bucket(key), !bucket.isBeingDeleted else { return }
    let workflowKey = ObjectKey(namespace: key.namespace, name: bucket["spec", "workflow"]?.stringValue ?? "")
    let workflow = cache.workflow(workflowKey).flatMap { $0.isBeingDeleted ? nil : $0 }

    // 2. Decide.
    let findings = workflow.map {
      PodComposer.findings(in: $0) + SoundnessCheck.findings(workflow: $0, buckets: cache.buckets(of: workflowKey))
    }
    let status = BucketStatus(bucket: bucket, workflow: workflow, findings: findings ?? [])
    let wanted = status.document(now: now())
    if StatusConditions.isUpToDate(bucket.document["status"], wanted: wanted, owned: BucketStatus.ownedConditions) {
      return
    }

    // 3. Apply.
    var document = KubernetesObject(.bucket, namespace: bucket.namespace, name: bucket.name)
    document["status"] = wanted
    do {
      try await api.apply(document, .bucket, subresource: "status")
    } catch let error as KubernetesError where error.isNotFound {
      return
    }
    let changes = StatusEvents.events(before: bucket["status", "conditions"], after: status.conditions())
    for event in changes where event.action == "Accepting" { await events.record(event, regarding: bucket) }
  }
}
