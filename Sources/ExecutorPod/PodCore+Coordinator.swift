package import Dataflow
import DequeModule
import ObjectStore
import Scheduling
import Triggers
package import Wire

/// What passes between the pod and the coordinator.
extension PodCore {
  /// The link stands: the coordinator learns who this is and what is held here.
  package mutating func linkOpened() {
    isConnected = true
    lastLoad = nil
    loadRests = false
    loadIsDue = true
    // The coordinator has no part in derived sessions; who asks for one is answered all the same.
    let held = sessions.values.filter { $0.origin == nil }.sorted { $0.name < $1.name }.map { session in
      PodFrame.HeldSession(
        session: session.name, hasEnded: session.endedAt != nil, idempotencyKey: session.idempotencyKey,
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
  package mutating func linkClosed() {
    isConnected = false
    coordinatorFeatures = []
    for session in ended where sessions[session]?.delivery == .sent {
      sessions.change(session) { $0.delivery = .none }
    }
  }

  /// The coordinator has taken the pod in: it gets the results that it may have missed.
  private mutating func registered(_ features: Features) {
    coordinatorFeatures = features
    tellDeadLetters()
    for session in ended
    where sessions[session]?.origin == nil && sessions[session]?.delivery == PodSession.Delivery.none {
      sessions.change(session) { $0.delivery = .sent }
      deliver(session, request: nil)
    }
  }

  /// Follows a frame of the coordinator's. Greetings and redirections are the link's own business.
  package mutating func coordinatorFrame(_ frame: CoordinatorFrame, now: Moment) {
    switch frame {
    case .registered(_, let features, _): registered(features)
    case .redirect, .refused: break
    case .plan: break  // decoded by the link, which calls `apply`
    case .start(let request): start(request, now: now)
    case .cancel(let session): cancel(session, now: now)
    case .describe(let request, let session): answer(request, describe(session, now: now))
    case .list(let request): answer(request, summaries(now: now))
    case .collect(let request, let session): collect(session, request: request)
    case .drain: drain(now: now)
    case .received(let session): if let key = sessions.key(session) { sessions.change(key) { $0.delivery = .received } }
    case .ping: act(.tellCoordinator(.pong))
    case .recording(let request, let session): answer(request, sessions[session]?.recording)
    }
    settle(now: now)
  }

  /// New sessions run by the plan; those in flight keep theirs.
  package mutating func apply(_ new: WorkflowPlan, now: Moment) {
    if plan?.plan.revision != new.revision {
      let compiled = CompiledPlan(new)
      plan = compiled
      continuations = continuations(of: compiled)
      for executor in executors.values.sorted(by: { $0.connection < $1.connection }) { tellContinuations(to: executor) }
      begin(gathering.planApplied(compiled, now: now), now: now)
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
    begin(gathering.drain(now: now), now: now)
    settle(now: now)
  }
}
