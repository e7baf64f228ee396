import Foundation
import KubernetesAPI
import KubernetesClient
import Reconcilers
import Synchronization
import Testing

/// What Flux shows of our resources over their life.
@Suite struct KstatusTests {
  private func workflow(_ cluster: FakeCluster) throws -> Kstatus {
    Kstatus(try #require(cluster.object(.workflow, "wordcount")))
  }

  private func look(_ cluster: FakeCluster, _ reconciler: WorkflowReconciler) async throws -> Kstatus {
    cluster.sync()
    do { _ = try await reconciler.reconcile(Fixtures.key) } catch is KubernetesError {}
    return try workflow(cluster)
  }

  private func settled(_ cluster: FakeCluster, _ reconciler: WorkflowReconciler) async throws -> Kstatus {
    cluster.sync()
    try await Fixtures.settle(cluster, reconciler)
    return try workflow(cluster)
  }

  @Test func aWorkflowComesUpScalesRollsAndGoes() async throws {
    let cluster = FakeCluster()
    cluster.put(Fixtures.workflow())
    let reconciler = Fixtures.reconciler(cluster)
    #expect(try await look(cluster, reconciler) == .inProgress, "in the middle of an apply, buckets are missing")
    for bucket in Fixtures.buckets { cluster.put(bucket) }
    #expect(try await look(cluster, reconciler) == .inProgress, "pods are being started")
    #expect(try await settled(cluster, reconciler) == .current)

    cluster.change(.workflow, "wordcount") { $0["spec", "replicas"] = 3 }
    #expect(try workflow(cluster) == .inProgress, "nobody has seen the new generation")
    #expect(try await look(cluster, reconciler) == .inProgress, "scales up")
    #expect(try await settled(cluster, reconciler) == .current)

    cluster.change(.workflow, "wordcount") { $0["spec", "executors"] = 3 }
    #expect(try await look(cluster, reconciler) == .inProgress, "rolls out")
    #expect(try await settled(cluster, reconciler) == .current)

    cluster.change(.workflow, "wordcount") {
      $0["spec", "paused"] = true
      $0["spec", "executors"] = 4
    }
    #expect(try await settled(cluster, reconciler) == .current, "paused is what was asked for")
    cluster.change(.workflow, "wordcount") {
      $0["spec", "paused"] = false
      $0["spec", "suspend"] = true
    }
    #expect(try await settled(cluster, reconciler) == .current, "so is suspended")
    cluster.change(.workflow, "wordcount") { $0["spec", "replicas"] = 0 }
    #expect(try await settled(cluster, reconciler) == .current, "and no pods")

    cluster.change(.workflow, "wordcount") { $0["metadata", "deletionTimestamp"] = "2026-11-23T08:00:00Z" }
    #expect(try workflow(cluster) == .terminating)
  }

  @Test func whatIsWrongWithAWorkflowFails() async throws {
    let cluster = Fixtures.cluster()
    let reconciler = Fixtures.reconciler(cluster)
    #expect(try await settled(cluster, reconciler) == .current)
    cluster.change(.workflow, "wordcount") { $0["spec", "entry"] = "nobody" }
    #expect(try await look(cluster, reconciler) == .failed, "unsound")
    #expect(cluster.condition("Stalled", of: "wordcount")?.message.contains("nobody") == true)
    cluster.change(.workflow, "wordcount") {
      $0["spec", "entry"] = "split"
      $0["spec", "template"] = ["spec": ["containers": [["name": "pheromone-x", "image": "i"]]]]
    }
    #expect(try await look(cluster, reconciler) == .failed, "a template that cannot be")
    cluster.change(.workflow, "wordcount") {
      $0["spec", "template"] = ["spec": ["containers": [["name": "app", "image": "i"]]]]
    }
    #expect(try await settled(cluster, reconciler) == .current)
  }

  @Test func troublesAreInProgressAndSayWhy() async throws {
    let cluster = Fixtures.cluster()
    let reconciler = Fixtures.reconciler(cluster)
    #expect(try await settled(cluster, reconciler) == .current)
    let name = try #require(cluster.pods.first?.name)
    cluster.change(.pod, name) { pod in
      pod["status", "conditions"] = [["type": "Ready", "status": "False"]]
      pod["status", "containerStatuses"] = [
        [
          "name": "app", "restartCount": 3, "state": ["waiting": ["reason": "CrashLoopBackOff"]],
          "lastState": ["terminated": ["exitCode": 9, "message": "no database"]],
        ]
      ]
    }
    #expect(try await look(cluster, reconciler) == .inProgress)
    let ready = cluster.condition("Ready", of: "wordcount")
    #expect(ready?.status == "False" && ready?.reason == "CrashLoop")
    #expect(ready?.message.hasPrefix("1 of 2 executor pods are ready: pod \(name): ") == true)
    #expect(ready?.message.contains("no database") == true)
    let stalled = cluster.condition("Stalled", of: "wordcount")
    #expect(stalled?.status == "False" && stalled?.reason == "Retrying")

    cluster.change(.workflow, "wordcount") { $0["spec", "replicas"] = 3 }
    cluster.state.withLock {
      $0.createError = APIStatus(message: "exceeded quota: q", reason: "Forbidden", code: 403)
    }
    #expect(try await look(cluster, reconciler) == .inProgress)
    #expect(cluster.condition("Ready", of: "wordcount")?.reason == "FailedCreate")
    #expect(cluster.condition("Degraded", of: "wordcount")?.message.contains("raise the ResourceQuota") == true)
  }

  @Test func bucketsFollow() async throws {
    let cluster = FakeCluster()
    cluster.put(Fixtures.bucket("words", [["name": "count-each", "target": "nobody", "immediate": [:]]]))
    let reconciler = BucketReconciler(cache: cluster, api: cluster, events: cluster, now: { Fixtures.time })
    func look() async throws -> Kstatus {
      cluster.sync()
      try await reconciler.reconcile(ObjectKey(namespace: "default", name: "words"))
      return Kstatus(try #require(cluster.object(.bucket, "words")))
    }
    #expect(try await look() == .inProgress, "there is no workflow")
    cluster.put(Fixtures.workflow())
    cluster.put(Fixtures.buckets[1])
    #expect(try await look() == .failed, "its trigger has no target")
    cluster.change(.bucket, "words") {
      $0["spec", "triggers"] = [["name": "count-each", "target": "count", "immediate": [:]]]
    }
    #expect(try await look() == .current)
    cluster.change(.workflow, "wordcount") { $0["spec", "entry"] = "nobody" }
    #expect(try await look() == .inProgress, "its workflow is not accepted")
    cluster.change(.bucket, "words") { $0["metadata", "deletionTimestamp"] = "2026-11-23T08:00:00Z" }
    #expect(Kstatus(try #require(cluster.object(.bucket, "words"))) == .terminating)
  }
}
