import Dataflow
import ObjectStore
import Scheduling
import Triggers
package import Wire

/// What the pod has to do and has done, for the coordinator and for metrics.
extension PodCore {
  /// Load is told at once and then at most this often.
  static let loadInterval = Duration.milliseconds(100)

  mutating func reportLoad(now: Moment) {
    guard loadIsDue, isConnected else { return }
    guard !loadRests else { return }
    loadIsDue = false
    let load = currentLoad()
    guard load != lastLoad else { return }
    lastLoad = load
    act(.tellCoordinator(.load(load)))
    loadRests = true
    timers.set(.load, at: now.monotonic + Self.loadInterval)
  }

  package func currentLoad() -> PodLoad {
    PodLoad(
      activeSessions: UInt32(activeSessions), executors: UInt32(scheduler.executorCount),
      busyExecutors: UInt32(scheduler.busyCount), queuedInvocations: UInt32(scheduler.queuedCount + parked.count),
      memoryUsed: UInt64(ledger.claimed), memoryLimit: UInt64(ledger.limit), succeeded: totals.succeeded,
      failed: totals.failed, missingFunctions: missingFunctions ?? [], buckets: bucketLoads())
  }

  private func bucketLoads() -> [PodLoad.Bucket] {
    guard let plan = plan?.plan else { return [] }
    var fired = totals.fired
    var pending: [String: [String: UInt64]] = [:]
    for session in sessions.values where session.endedAt == nil {
      for count in session.engine.triggerCounts {
        let bucket = session.engine.compiled.plan.buckets[count.bucket].name
        fired[bucket, default: [:]][count.trigger, default: 0] += UInt64(count.fired)
        pending[bucket, default: [:]][count.trigger, default: 0] += UInt64(count.pending)
      }
    }
    for count in gathering.pendingCounts {
      pending[count.bucket, default: [:]][count.trigger, default: 0] += UInt64(count.pending)
    }
    return plan.buckets.map { bucket in
      PodLoad.Bucket(
        name: bucket.name, objects: UInt64(ledger.objectsByBucket[bucket.name] ?? 0),
        bytes: UInt64(ledger.bytesByBucket[bucket.name] ?? 0), deadLetters: totals.deadLetters[bucket.name] ?? 0,
        triggers: bucket.triggers.map { trigger in
          PodLoad.Trigger(
            name: trigger.name, fired: fired[bucket.name]?[trigger.name] ?? 0,
            pending: pending[bucket.name]?[trigger.name] ?? 0)
        })
    }
  }
}
