package import Dataflow
package import Wire

/// Bounds of what the coordinator holds for one workflow. Reaching one is answered with 503 and counted.
package struct PlacementLimits: Sendable, Hashable {
  /// Requests that may wait for a pod.
  package var waiting = 1000
  /// Sessions that are known at a time, ended ones within their retention included.
  package var sessions = 20_000
  /// Payloads that are kept until their session has ended, in bytes.
  package var payloadBytes = 1 << 30
  /// Outputs of ended sessions that are kept, in bytes.
  package var resultBytes = 64 << 20
  /// Ids of forgotten sessions, to answer 410 and not 404.
  package var tombstones = 10_000
  /// How long a pod that refused a request is not asked again.
  package var refusalPause = Duration.milliseconds(250)

  package init() {}
}

/// What placement needs to know of a workflow's plan.
package struct PlacementRules: Sendable, Hashable {
  /// For messages.
  package var workflow: String
  package var restartLimit: Int
  package var sessionTimeout: Duration
  package var retention: Duration
  /// Whether triggers gather objects of all sessions: then these run on one pod, the owner, which holds what is gathered.
  package var hasOwner: Bool

  package init(
    workflow: String = "", restartLimit: Int = 3, sessionTimeout: Duration = .seconds(60),
    retention: Duration = .seconds(300), hasOwner: Bool = false
  ) {
    self.workflow = workflow
    self.restartLimit = restartLimit
    self.sessionTimeout = sessionTimeout
    self.retention = retention
    self.hasOwner = hasOwner
  }

  package init(_ plan: WorkflowPlan) {
    self.init(
      workflow: plan.workflow, restartLimit: plan.restartLimit, sessionTimeout: plan.sessionTimeout,
      retention: plan.retention,
      hasOwner: plan.buckets.contains { $0.triggers.contains(where: \.primitive.isWorkflowScoped) })
  }
}

/// One life of a pod's sidecar that has registered.
package struct RegisteredPod: Sendable, Hashable {
  package var name: String
  package var uid: String
  package var epoch: UInt64
  package var revision: String
  package var isDraining: Bool
  /// Sessions that it was given and that have not ended.
  package var active: Set<String> = []
  package var load: PodLoad?

  package init(name: String, uid: String, epoch: UInt64, revision: String, isDraining: Bool = false) {
    self.name = name
    self.uid = uid
    self.epoch = epoch
    self.revision = revision
    self.isDraining = isDraining
  }
}

/// A pod as the API server shows it.
package struct ObservedPod: Sendable, Hashable {
  package var name: String
  package var uid: String
  package var isReady: Bool
  package var isBeingDeleted: Bool
  /// Its creationTimestamp; the API server writes all of them alike, so that they can be compared.
  package var createdAt: String

  package init(name: String, uid: String, isReady: Bool, isBeingDeleted: Bool = false, createdAt: String = "") {
    self.name = name
    self.uid = uid
    self.isReady = isReady
    self.isBeingDeleted = isBeingDeleted
    self.createdAt = createdAt
  }
}

/// A session as the coordinator knows it.
package struct PlacedSession: Sendable, Hashable {
  /// waiting -> placing -> running -> ended; placing -> waiting (refused, pod lost); running -> waiting (restart);
  /// ended -> kept (only the pod has the outputs any more).
  package enum Phase: Sendable, Hashable {
    case waiting
    case placing(pod: String)
    case running(pod: String)
    case ended(SessionResult, at: Duration)
    case kept(pod: String)
  }

  package var phase = Phase.waiting
  /// Held until the session has ended, so that it can be restarted; nil for one that was found on a pod.
  package var request: CoordinatorFrame.SessionRequest?
  package var idempotencyKey: String?
  package var requestHash: String
  /// Until when a pod has to have taken it.
  package var deadline: Duration
  /// A pod has stored it at some time: somebody may have been told so.
  package var isAccepted = false
  package var isCancelled = false
  package var restarts = 0
  package var home: String?
  package var arrived: Moment
  package var ended: Moment?
  var refusals: [String: Duration] = [:]
  var lastRefusal = ""

  /// The pod that can be asked about it.
  package var pod: String? {
    switch phase {
    case .running(let pod), .kept(let pod): pod
    case .ended: home
    case .waiting, .placing: nil
    }
  }

  package var isOver: Bool {
    switch phase {
    case .ended, .kept: true
    case .waiting, .placing, .running: false
    }
  }

  package var result: SessionResult? { if case .ended(let result, _) = phase { result } else { nil } }
}

/// What the interpreter does, in this order.
package enum PlacementAction: Sendable, Hashable {
  case send(pod: String, CoordinatorFrame)
  /// A pod has stored the request.
  case accepted(session: String)
  case finished(SessionResult)
  /// The request will not be run (any more), and nothing of it is kept.
  case failed(session: String, PlacementFailure)
  /// A retry asks for the outputs of a session that ended on that pod.
  case collect(session: String, pod: String)
}

/// Why a request cannot be served.
package enum PlacementFailure: Error, Sendable, Hashable {
  /// No pod took it until the deadline.
  case unplaced(String)
  /// A pod says that no pod would take it.
  case refused(String)
  /// Its pod is gone, and so is what it takes to start it again.
  case lost(pod: String)
  case suspended
  case overloaded(String)
  case keyReused(session: String)
  case workflowDeleted
  /// The coordinator stops.
  case stopping
  /// The coordinator stops, and no pod has said that it holds the session.
  case stoppingUnplaced
}

/// The answer to a request that arrives.
package enum PlacementArrival: Sendable, Hashable {
  case admitted(session: String)
  /// A retry: the session of its idempotency key.
  case attached(session: String)
  case rejected(PlacementFailure)
}

/// Sessions by how they are or ended.
package struct SessionCounters: Sendable, Hashable {
  package var waiting = 0
  package var active = 0
  package var succeeded = 0
  package var failed = 0
  package var stalled = 0
  package var timedOut = 0
  package var cancelled = 0
  package var restarted = 0
  /// Ended, and kept for those who ask for the output or send the request again.
  package var kept = 0
  /// Requests turned away because a bound was reached.
  package var overloaded = 0

  package init() {}
}
