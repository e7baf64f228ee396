package import Dataflow
package import DequeModule
package import ObjectStore
package import Scheduling
package import Triggers
package import Wire

/// All that a sidecar decides, as one pure state machine: it joins the engine, the scheduler and the object accounts.
/// Each event takes the time and leaves its actions in `takeActions`.
package struct PodCore: Sendable {
  package let identity: PodIdentity
  package internal(set) var plan: CompiledPlan?
  package internal(set) var sessions = SessionTable()
  /// Ended sessions, oldest first, until their retention is over.
  package internal(set) var ended: Deque<SessionTable.Key> = []
  /// Those of them whose outputs are still there, oldest first.
  package internal(set) var holdingOutputs: Deque<SessionTable.Key> = []
  /// Those of them whose timeline is still whole, oldest first, and about how many bytes it takes.
  var holdingLogs: Deque<SessionTable.Key> = []
  package internal(set) var endedLogBytes = 0
  package internal(set) var attempts = AttemptTable()
  package internal(set) var executors = NumberTable<PodExecutor>()
  package internal(set) var executorOfConnection = NumberTable<UInt32>()
  /// The supervisor of each container.
  package internal(set) var supervisors: [String: PodSupervisor] = [:]
  /// Attempts whose executors have ended, until it is known how; oldest first.
  package internal(set) var bereaved: [BereavedAttempt] = []
  package internal(set) var scheduler = LocalScheduler()
  /// What executors may go on with by themselves, by the plan in force.
  package internal(set) var continuations: Continuations?
  var lastContinuations: UInt32 = 0
  /// While the engine is told of a commit after which an executor has gone on.
  var continuation: Continuation?
  /// Executors that wait for room for an object.
  package internal(set) var memoryRequests: [UInt32: MemoryRequest] = [:]
  /// Attempts that gave way for want of memory, oldest first. They are queued again when nobody waits for memory any
  /// more; before that they would only give way again, at once and for ever.
  package internal(set) var parked: [AttemptTable.Key] = []
  package internal(set) var ledger: ObjectLedger
  package internal(set) var timers = TimerQueue()
  package internal(set) var totals = PodTotals()
  /// Batches and windows that gather objects of all sessions.
  package internal(set) var gathering = WorkflowTriggers()
  /// Bytes of the objects that they hold.
  package internal(set) var gatheredBytes = 0
  /// Sessions that are recorded, oldest first.
  var recorded: [SessionTable.Key] = []
  package internal(set) var isDraining = false
  /// How often what was gathered since has been let go.
  var drainRounds = 0
  package internal(set) var isConnected = false
  /// What the coordinator understands that the pod is registered with.
  var coordinatorFeatures: Features = []
  /// What it has not been told of, one for each trigger.
  var deadLetters: [PodFrame.DeadLetter] = []
  var lastLoad: PodLoad?
  var loadIsDue = false
  /// What was told last is too recent to tell more.
  var loadRests = false
  /// When the timer of what is gathered goes off.
  var gatheringDue: Duration?
  private(set) var actions: Deque<PodAction> = []
  /// What engines write their actions into, one after the other; the memory is used again.
  var engineActions: [SessionAction] = []
  private var lastAttempt: UInt64 = 0
  private var lastExecutor: UInt32 = 0

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
    return Array(actions)
  }

  /// The same for one who keeps a queue, without new memory each time.
  package mutating func moveActions(to queue: inout Deque<PodAction>) {
    if queue.isEmpty { return swap(&queue, &actions) }
    queue.append(contentsOf: actions)
    actions.removeAll(keepingCapacity: true)
  }

  /// Changes an executor in its place.
  mutating func changeExecutor(_ number: UInt32, _ body: (inout PodExecutor) -> Void) {
    executors.change(UInt64(number), body)
  }

  mutating func nextAttemptOrder() -> UInt64 {
    lastAttempt += 1
    return lastAttempt
  }

  mutating func nextExecutorNumber() -> UInt32 {
    lastExecutor += 1
    return lastExecutor
  }
}
