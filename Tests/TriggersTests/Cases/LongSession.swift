import Dataflow

@testable import Triggers

/// Runs a session of very many small invocations, and keeps nothing of it but what has to be given back.
struct LongSession {
  private(set) var engine: SessionEngine
  private(set) var outcome: SessionOutcome?
  /// Objects that the session still needs.
  private(set) var heldCount = 0
  private(set) var heldAtMost = 0
  private(set) var invocations = 0
  private let now = Moment(monotonic: .zero, wall: .zero)
  private var queue: [Attempt] = []
  private var lastHandle: UInt64 = 0

  init(_ plan: WorkflowPlan) { engine = SessionEngine(session: "s", plan: CompiledPlan(plan), now: now) }

  mutating func handle() -> UInt64 {
    lastHandle += 1
    heldCount += 1
    heldAtMost = max(heldAtMost, heldCount)
    return lastHandle
  }

  /// - Parameter commit: what the attempt of a function commits.
  mutating func run(_ commit: (inout LongSession, Attempt) -> Commit) {
    let payload = handle()
    take(engine.apply(.requested(function: 0, payload: payload), now: now))
    var next = 0
    while next < queue.count {
      let attempt = queue[next]
      next += 1
      if next > 1000 {
        queue.removeFirst(next)
        next = 0
      }
      invocations += 1
      let place = (attempt.invocation, attempt.attempt)
      take(engine.apply(.attemptStarted(invocation: place.0, attempt: place.1, executor: "0"), now: now))
      let commit = commit(&self, attempt)
      take(engine.apply(.attemptCommitted(invocation: place.0, attempt: place.1, commit), now: now))
    }
  }

  /// Entries in the tables that grow with what a session holds.
  var tableSize: Int {
    engine.invocations.count + engine.holders.count + engine.producers.reduce(0) { $0 + $1.count }
      + engine.triggers.reduce(0) { $0 + $1.state.heldCount } + engine.outputs.count
  }

  private mutating func take(_ actions: [SessionAction]) {
    for action in actions {
      switch action {
      case .enqueue(let attempt): queue.append(attempt)
      case .release: heldCount -= 1
      case .end(let outcome): self.outcome = outcome
      case .withdraw, .scheduleRetry, .scheduleRecovery, .handOver: break
      }
    }
  }
}
