import Dataflow
import HeapModule
import ObjectStore
import Scheduling
import Triggers
import Wire

/// All that a sidecar decides, as one pure state machine: it joins the engine, the scheduler and the object accounts.
/// Each event takes the time and leaves its actions in `takeActions`.
struct PodCore: Sendable {
  let identity: PodIdentity
  var plan: CompiledPlan?
  var sessions: [String: PodSession] = [:]
  /// Ended sessions, oldest first, until their retention is over.
  var ended: [String] = []
  var attempts: [UInt64: PodAttempt] = [:]
  var executors: [UInt32: PodExecutor] = [:]
  var executorOfConnection: [UInt64: UInt32] = [:]
  /// The connection of each container's supervisor.
  var supervisors: [String: UInt64] = [:]
  var scheduler = LocalScheduler()
  /// Attempts that gave way for want of memory, oldest first. They are queued again when nobody waits for memory any
  /// more; before that they would only give way again, at once and for ever.
  var parked: [UInt64] = []
  var ledger: ObjectLedger
  var timers = Heap<PodTimer>()
  var totals = PodTotals()
  var isDraining = false
  var isConnected = false
  var lastLoad: PodLoad?
  var loadIsDue = false
  /// Whether a `load` timer is among the timers; to look for it there would cost a walk over all of them per event.
  var loadTimerRuns = false
  private(set) var actions: [PodAction] = []
  private var lastAttempt: UInt64 = 0
  private var lastExecutor: UInt32 = 0
  private var timerCount: UInt64 = 0

  init(identity: PodIdentity) {
    self.identity = identity
    ledger = ObjectLedger(limit: identity.sharedMemory)
  }

  var activeSessions: Int { sessions.count - ended.count }

  /// Functions of the plan that no executor has registered; nil before there is a plan.
  var missingFunctions: [String]? {
    plan.map { $0.plan.functions.map(\.name).filter { !scheduler.isHosted($0) } }
  }

  mutating func act(_ action: PodAction) { actions.append(action) }

  mutating func note(_ message: String, isWarning: Bool = false) {
    actions.append(.log(PodNote(message: message, isWarning: isWarning)))
  }

  /// Hands out what is to be done since the last call.
  mutating func takeActions() -> [PodAction] {
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
struct PodIdentity: Sendable, Hashable {
  var namespace: String
  var workflow: String
  var revision: String
  var podName: String
  var podUID: String
  /// Object memory, in bytes.
  var sharedMemory: Int
  /// Drawn anew in each life of the sidecar.
  var epoch: UInt64
}

/// One session and what the pod keeps for it beside the engine.
struct PodSession: Sendable {
  var engine: SessionEngine
  var idempotencyKey: String?
  var requestHash: String
  var startedAt: Moment
  var endedAt: Moment?
  /// Whether the coordinator that is connected now has been sent the result.
  var isDelivered = false
  /// The queued or running attempt of each live invocation.
  var attempts: [Int: UInt64] = [:]
}

/// One attempt that is queued or runs.
struct PodAttempt: Sendable {
  var session: String
  var attempt: Attempt
  var function: String
  var executor: UInt32?
  /// Nobody needs its result any more; it still holds its executor.
  var isAbandoned = false
  /// It was refused memory to let older sessions through: its failure is none of its own.
  var gaveWay = false
}

struct PodExecutor: Sendable {
  var connection: UInt64
  var container: String
  var slot: UInt16
  var running: UInt64?
  /// It waits for room for an object of so many bytes.
  var waitingForBytes: Int?

  var name: String { "\(container)/\(slot)" }
}

/// Counts since the sidecar's epoch began.
struct PodTotals: Sendable {
  var succeeded: UInt64 = 0
  var failed: UInt64 = 0
  var invocations: UInt64 = 0
  var fired: [String: [String: UInt64]] = [:]
}

struct PodTimer: Sendable, Comparable {
  enum Purpose: Sendable {
    case sessionTimeout(String)
    case retry(session: String, invocation: Int)
    /// An attempt that takes too long, or that was cancelled and does not end.
    case attemptTimeout(UInt64)
    case cancellationGrace(UInt64)
    case retention(String)
    case load
  }

  /// Monotonic.
  var deadline: Duration
  var order: UInt64
  var purpose: Purpose

  static func < (one: PodTimer, other: PodTimer) -> Bool {
    (one.deadline, one.order) < (other.deadline, other.order)
  }

  static func == (one: PodTimer, other: PodTimer) -> Bool { one.order == other.order }
}
