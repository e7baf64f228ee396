package import Dataflow
package import HeapModule
package import ObjectStore
package import Scheduling
package import Triggers
import Wire

/// All that a sidecar decides, as one pure state machine: it joins the engine, the scheduler and the object accounts.
/// Each event takes the time and leaves its actions in `takeActions`.
package struct PodCore: Sendable {
  package let identity: PodIdentity
  package internal(set) var plan: CompiledPlan?
  package internal(set) var sessions: [String: PodSession] = [:]
  /// Ended sessions, oldest first, until their retention is over.
  package internal(set) var ended: [String] = []
  package internal(set) var attempts: [UInt64: PodAttempt] = [:]
  package internal(set) var executors: [UInt32: PodExecutor] = [:]
  package internal(set) var executorOfConnection: [UInt64: UInt32] = [:]
  /// The connection of each container's supervisor.
  package internal(set) var supervisors: [String: UInt64] = [:]
  package internal(set) var scheduler = LocalScheduler()
  /// Attempts that gave way for want of memory, oldest first. They are queued again when nobody waits for memory any
  /// more; before that they would only give way again, at once and for ever.
  package internal(set) var parked: [UInt64] = []
  package internal(set) var ledger: ObjectLedger
  package internal(set) var timers = Heap<PodTimer>()
  package internal(set) var totals = PodTotals()
  package internal(set) var isDraining = false
  package internal(set) var isConnected = false
  var lastLoad: PodLoad?
  var loadIsDue = false
  /// Whether a `load` timer is among the timers; to look for it there would cost a walk over all of them per event.
  var loadTimerRuns = false
  private(set) var actions: [PodAction] = []
  private var lastAttempt: UInt64 = 0
  private var lastExecutor: UInt32 = 0
  private var timerCount: UInt64 = 0

  package init(identity: PodIdentity) {
    self.identity = identity
    ledger = ObjectLedger(limit: identity.sharedMemory)
  }

  package var activeSessions: Int { sessions.count - ended.count }

  /// Functions of the plan that no executor has registered; nil before there is a plan.
  package var missingFunctions: [String]? {
    plan.map { $0.plan.functions.map(\.name).filter { !scheduler.isHosted($0) } }
  }

  mutating func act(_ action: PodAction) { actions.append(action) }

  mutating func note(_ message: String, isWarning: Bool = false) {
    actions.append(.log(PodNote(message: message, isWarning: isWarning)))
  }

  /// Hands out what is to be done since the last call.
  package mutating func takeActions() -> [PodAction] {
    defer { actions = [] }
    return actions
  }

  mutating func nextAttemptNumber() -> UInt64 {
    lastAttempt += 1
    return lastAttempt
  }

  mutating func nextExecutorNumber() -> UInt32 {
    lastExecutor += 1
    return lastExecutor
  }

  mutating func schedule(_ purpose: PodTimer.Purpose, at deadline: Duration) {
    timerCount += 1
    timers.insert(PodTimer(deadline: deadline, order: timerCount, purpose: purpose))
  }
}

/// Who this pod is, from its environment.
package struct PodIdentity: Sendable, Hashable {
  package var namespace: String
  package var workflow: String
  package var revision: String
  package var podName: String
  package var podUID: String
  /// Object memory, in bytes.
  package var sharedMemory: Int
  /// Drawn anew in each life of the sidecar.
  package var epoch: UInt64

  package init(
    namespace: String, workflow: String, revision: String, podName: String, podUID: String, sharedMemory: Int,
    epoch: UInt64
  ) {
    self.namespace = namespace
    self.workflow = workflow
    self.revision = revision
    self.podName = podName
    self.podUID = podUID
    self.sharedMemory = sharedMemory
    self.epoch = epoch
  }
}

/// One session and what the pod keeps for it beside the engine.
package struct PodSession: Sendable {
  package var engine: SessionEngine
  package var idempotencyKey: String?
  package var requestHash: String
  package var startedAt: Moment
  package var endedAt: Moment?
  /// Whether the coordinator that is connected now has been sent the result.
  package var isDelivered = false
  /// The queued or running attempt of each live invocation.
  package var attempts: [Int: UInt64] = [:]
}

/// One attempt that is queued or runs.
package struct PodAttempt: Sendable {
  package var session: String
  package var attempt: Attempt
  package var function: String
  package var executor: UInt32?
  /// Nobody needs its result any more; it still holds its executor.
  package var isAbandoned = false
  /// It was refused memory to let older sessions through: its failure is none of its own.
  package var gaveWay = false
}

package struct PodExecutor: Sendable {
  package var connection: UInt64
  package var container: String
  package var slot: UInt16
  package var running: UInt64?
  /// It waits for room for an object of so many bytes.
  package var waitingForBytes: Int?

  package var name: String { "\(container)/\(slot)" }
}

/// Counts since the sidecar's epoch began.
package struct PodTotals: Sendable {
  package var succeeded: UInt64 = 0
  package var failed: UInt64 = 0
  package var invocations: UInt64 = 0
  package var fired: [String: [String: UInt64]] = [:]
}

package struct PodTimer: Sendable, Comparable {
  package enum Purpose: Sendable {
    case sessionTimeout(String)
    case retry(session: String, invocation: Int)
    /// An attempt that takes too long, or that was cancelled and does not end.
    case attemptTimeout(UInt64)
    case cancellationGrace(UInt64)
    case retention(String)
    case load
  }

  /// Monotonic.
  package var deadline: Duration
  package var order: UInt64
  package var purpose: Purpose

  package static func < (one: PodTimer, other: PodTimer) -> Bool {
    (one.deadline, one.order) < (other.deadline, other.order)
  }

  package static func == (one: PodTimer, other: PodTimer) -> Bool { one.order == other.order }
}
