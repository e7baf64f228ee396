import Dataflow
import DequeModule
import ExecutorPod
import ObjectStore
import Wire

/// One run: a pod's own decisions, and around them everything that a pod has to do with, made up from a seed. Time,
/// messages and faults come in an order that only the tape knows.
package struct Simulation {
  let profile: Profile
  var tape: Tape
  var generator: PlanGenerator
  var core: PodCore
  var now = Moment(monotonic: .seconds(100), wall: .seconds(1_700_000_000))
  var memory = SimulatedMemory()
  var workers: [UInt64: SimulatedWorker] = [:]
  var supervisor: UInt64?
  var link = SimulatedLink()
  var gatherings = GatheringModel()
  /// Derived sessions that run.
  var derived: Set<String> = []
  var models: [String: SessionModel] = [:]
  /// Which attempt is which session's and firing's, by the number under which a worker knows it.
  var attempts: [UInt64: (session: String, firing: String, connection: UInt64)] = [:]
  /// Attempts that nobody needs any more.
  var withdrawn: Set<UInt64> = []
  /// Attempts that were refused memory for the sake of older sessions.
  var gaveWay: Set<UInt64> = []
  /// The attempt that the pod believes a connection runs.
  var runningOn: [UInt64: UInt64] = [:]
  var plans: [String: WorkflowPlan] = [:]
  var appliedPlan: WorkflowPlan?
  /// What is wrong is only ever said of the first violation.
  package internal(set) var failure: Failure?
  package internal(set) var trace = TraceHash()
  package internal(set) var counts: [String: Int] = [:]
  package internal(set) var steps = 0
  var saboteur: Saboteur?
  let narrator: (@Sendable (String) -> Void)?
  /// The mark that was written at each place last.
  var marks: [ObjectLocation: UInt64] = [:]
  var pending: Deque<PodAction> = []
  var isPerforming = false
  var isInTimers = false
  var isCalm = false
  var lastConnection: UInt64 = 0
  var lastMark: UInt64 = 0
  var lastKey = 0
  var lastSession = 0

  package var recording: Tape { tape }

  package init(_ tape: Tape, sabotage: Sabotage? = nil, narrator: (@Sendable (String) -> Void)? = nil) {
    self.tape = tape
    self.tape.turn()
    profile = Profile(&self.tape)
    generator = PlanGenerator(&self.tape, sharedMemory: profile.sharedMemory)
    self.narrator = narrator
    saboteur = sabotage.map(Saboteur.init)
    core = PodCore(
      identity: PodIdentity(
        namespace: "n", workflow: "w", revision: "r", podName: "pod", podUID: "u",
        sharedMemory: profile.sharedMemory, epoch: 9))
    plans[generator.plan.revision] = generator.plan
    joinSupervisor()
    openLink()
  }

  /// Plays until all steps are made or something is wrong, and then until all is over.
  package mutating func play() {
    let count = tape.stepCount ?? profile.steps
    while steps < count, failure == nil {
      steps += 1
      tape.turn()
      step()
      check()
    }
    if failure == nil { finish() }
  }

  mutating func fail(_ invariant: Failure.Invariant, _ message: String) {
    guard failure == nil else { return }
    let found = Failure(invariant: invariant, message: message, step: steps)
    failure = found
    say("FAILED \(found)")
  }

  func say(_ text: @autoclosure () -> String) { narrator?(text()) }

  mutating func count(_ event: String) { counts[event, default: 0] += 1 }

  mutating func nextMark() -> UInt64 {
    lastMark += 1
    return lastMark
  }

  /// Connections in a fixed order.
  var connections: [UInt64] { workers.keys.sorted() }
}

extension Simulation {
  /// The same seed has to lead to the same trace.
  package mutating func compareTrace(with other: Simulation) {
    if other.trace != trace { fail(.sameTrace, "two runs of the same seed went two ways") }
  }
}
