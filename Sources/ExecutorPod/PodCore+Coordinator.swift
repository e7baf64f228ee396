package import Dataflow
import HeapModule
import ObjectStore
import Scheduling
import Triggers
package import Wire

/// What passes between the pod and the coordinator, and the timers.
extension PodCore {
  /// Load is told at once and then at most this often.
  static let loadInterval = Duration.milliseconds(100)
  /// Results that were sent less than this before the link broke are sent again.
  package static let doubtfulDelivery = Duration.seconds(15)

  /// The link stands: the coordinator learns who this is and what is held here.
  package mutating func linkOpened() {
    isConnected = true
    lastLoad = nil
    loadIsDue = true
    let held = sessions.sorted { $0.key < $1.key }.map { name, session in
      PodFrame.HeldSession(
        session: name, hasEnded: session.endedAt != nil, idempotencyKey: session.idempotencyKey,
        requestHash: session.requestHash)
    }
    act(
      .tellCoordinator(
        .register(
          .init(
            namespace: identity.namespace, workflow: identity.workflow, podName: identity.podName,
            podUID: identity.podUID, revision: identity.revision, epoch: identity.epoch, isDraining: isDraining,
            sessions: held))))
  }

  /// What was sent last may be lost with the link.
  package mutating func linkClosed(now: Moment) {
    isConnected = false
    for session in ended.reversed() {
      guard let end = sessions[session]?.endedAt, now.monotonic - end.monotonic < Self.doubtfulDelivery else { break }
      sessions[session]?.isDelivered = false
    }
  }

  /// The coordinator has taken the pod in: it gets the results that it may have missed.
  private mutating func registered() {
    for session in ended where sessions[session]?.isDelivered == false {
      sessions[session]?.isDelivered = true
      deliver(session, request: nil)
    }
  }

  /// Follows a frame of the coordinator's. Greetings and redirections are the link's own business.
  package mutating func coordinatorFrame(_ frame: CoordinatorFrame, now: Moment) {
    switch frame {
    case .registered: registered()
    case .redirect, .refused: break
    case .plan: break  // decoded by the link, which calls `apply`
    case .start(let request): start(request, now: now)
    case .cancel(let session): cancel(session, now: now)
    case .describe(let request, let session): answer(request, describe(session, now: now))
    case .list(let request): answer(request, summaries(now: now))
    case .collect(let request, let session): deliver(session, request: request)
    case .drain: drain(now: now)
    case .ping: act(.tellCoordinator(.pong))
    case .recording(let request, _): answer(request, String?.none)
    }
    settle(now: now)
  }

  /// New sessions run by the plan; those in flight keep theirs.
  package mutating func apply(_ new: WorkflowPlan, now: Moment) {
    if plan?.plan.revision != new.revision {
      plan = CompiledPlan(new)
      note("plan \(new.revision): \(new.functions.count) functions, \(new.buckets.count) buckets")
    }
    loadIsDue = true
    act(.tellCoordinator(.planApplied(revision: new.revision)))
    settle(now: now)
  }

  /// No new sessions from now on.
  package mutating func drain(now: Moment) {
    guard !isDraining else { return }
    isDraining = true
    note("draining: \(activeSessions) sessions are left")
    act(.tellCoordinator(.draining))
    settle(now: now)
  }

  // MARK: - Load

  mutating func reportLoad(now: Moment) {
    guard loadIsDue, isConnected else { return }
    if lastLoad != nil, loadTimerRuns { return }
    loadIsDue = false
    let load = currentLoad()
    guard load != lastLoad else { return }
    lastLoad = load
    act(.tellCoordinator(.load(load)))
    if !loadTimerRuns { schedule(.load, at: now.monotonic + Self.loadInterval) }
    loadTimerRuns = true
  }

  package func currentLoad() -> PodLoad {
    PodLoad(
      activeSessions: UInt32(activeSessions), executors: UInt32(scheduler.executorCount),
      busyExecutors: UInt32(scheduler.busyCount), queuedInvocations: UInt32(scheduler.queuedCount + parked.count),
      memoryUsed: UInt64(ledger.used), memoryLimit: UInt64(ledger.limit), succeeded: totals.succeeded,
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
    return plan.buckets.map { bucket in
      PodLoad.Bucket(
        name: bucket.name, objects: UInt64(ledger.objectsByBucket[bucket.name] ?? 0),
        bytes: UInt64(ledger.bytesByBucket[bucket.name] ?? 0), deadLetters: 0,
        triggers: bucket.triggers.map { trigger in
          PodLoad.Trigger(
            name: trigger.name, fired: fired[bucket.name]?[trigger.name] ?? 0,
            pending: pending[bucket.name]?[trigger.name] ?? 0)
        })
    }
  }

  // MARK: - Timers

  /// When `timersDue` is to be called next, on the monotonic clock.
  package var nextDeadline: Duration? { timers.min?.deadline }

  package mutating func timersDue(now: Moment) {
    while let timer = timers.min, timer.deadline <= now.monotonic {
      timers.removeMin()
      switch timer.purpose {
      case .sessionTimeout(let session): withEngine(of: session) { $0.timeOut(now: now) }
      case .retry(let session, let invocation):
        withEngine(of: session) { $0.retryDue(invocation: invocation, now: now) }
      case .attemptTimeout(let number):
        guard let attempt = attempts[number], let executor = attempt.executor else { continue }
        let limit = DurationText.format(attempt.attempt.timeout ?? .zero)
        end(executor, message: "\(attempt.function) took longer than its timeout of \(limit)", now: now)
      case .cancellationGrace(let number):
        guard let executor = attempts[number]?.executor else { continue }
        end(executor, message: "it did not end within 5s of being cancelled", now: now)
      case .retention(let session): forget(session)
      case .load: loadTimerRuns = false
      }
    }
    settle(now: now)
  }
}
