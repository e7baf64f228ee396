import Dataflow
import DequeModule
import ExecutorPod
import Foundation
import ObjectStore
import Scheduling
import Triggers
import Wire

/// A pod with one worker whose functions always do the same for the same firing and attempt. Two of them, of which one lets
/// its worker go on by itself, have to tell the same of every session: each event, each decision, each time.
package struct InlineTwin {
  /// How often the worker has gone on by itself.
  package private(set) var hops = 0
  /// A commit after which the worker went on has set off something else too, which then runs later than it would have.
  package private(set) var hasRivals = false
  private let plan: WorkflowPlan
  private var core: PodCore
  private var worker = SimulatedWorker(slot: 0, functions: [])
  private var now = Moment(monotonic: .seconds(100), wall: .seconds(1_700_000_000))
  private let connection: UInt64 = 1
  private let seed: UInt64
  /// How many invocations a session makes before its functions put nothing more.
  private let budget = 60
  private var begun = 0
  /// What was told of sessions.
  private var answers: [String] = []
  /// Cancelled when it has made so many.
  private let cancelledAt: Int

  /// - Parameter continues: whether the worker may go on by itself.
  package init(seed: UInt64, continues: Bool) {
    self.seed = seed
    var tape = Tape(seed: seed)
    tape.turn()
    var plan = PlanGenerator(&tape, sharedMemory: 8 << 20).plan
    plan.inlineContinuation = continues
    self.plan = plan
    cancelledAt = tape.once(in: 3) ? 1 + tape.below(10) : .max
    core = PodCore(
      identity: PodIdentity(
        namespace: "n", workflow: "w", revision: "r", podName: "pod", podUID: "u", sharedMemory: 8 << 20, epoch: 9))
    core.linkOpened()
    core.apply(plan, now: now)
    worker = SimulatedWorker(slot: 0, functions: plan.functions.map(\.name))
    tell(.hello(.init(role: .worker, container: "app", slot: 0, functions: worker.functions)))
  }

  /// Runs a session to its end, and answers what is told of all sessions, and what the engine of the first was told.
  package mutating func play() -> [String] {
    core.coordinatorFrame(
      .start(
        .init(session: "s", origin: .invoke(function: plan.entry), payload: [1], requestHash: "", isRecorded: true)),
      now: now)
    follow()
    for _ in 0..<2000 {
      if worker.run != nil {
        work()
      } else if let due = core.nextDeadline, core.activeSessions > 0 {
        pass(max(.zero, due - now.monotonic))
      } else {
        break
      }
    }
    for name in core.sessions.values.map(\.name).sorted() {
      core.coordinatorFrame(.describe(request: 1, session: name), now: now)
      follow()
    }
    let steps = core.sessions["s"]?.recording?.steps.map { "\($0)" } ?? []
    return answers + steps + [
      "\(core.totals.invocations) invocations, \(core.ledger.used) bytes, \(core.attempts.count) attempts left"
    ]
  }

  /// Without the order of a dictionary.
  private func text(of document: [UInt8]?) -> String {
    let description = try? JSONDecoder().decode(SessionDescription.self, from: Data(document ?? []))
    return String(describing: description)
  }

  private mutating func pass(_ duration: Duration) {
    now = now + duration
    core.timersDue(now: now)
    follow()
  }

  private mutating func tell(_ frame: WorkerFrame) {
    core.workerFrame(frame, from: connection, now: now)
    follow()
  }

  private mutating func follow() {
    while true {
      let actions = core.takeActions()
      if actions.isEmpty { return }
      for action in actions {
        switch action {
        case .send(_, let frame, _): receive(frame)
        case .tellCoordinator(.answer(_, let document)): answers.append(text(of: document))
        default: break
        }
      }
      report()
    }
  }

  private mutating func receive(_ frame: SidecarFrame) {
    switch frame {
    case .continuations(let table): worker.continuations = table
    case .grant(let segment, let size, _): worker.granted(segment, size: Int(size))
    case .recycle(let segment, _, let free): worker.recycled(segment, free: free)
    case .detach(let segment): worker.detached(segment)
    case .invoke(let invoke): worker.begin(script(for: invoke))
    case .cancel: worker.run?.isCancelled = true
    case .welcome, .refused, .denied, .attach, .drain, .kill: break
    }
  }

  private mutating func report() {
    while let frame = worker.toPod.popFirst() { core.workerFrame(frame, from: connection, now: now) }
  }

  // MARK: - The worker

  private mutating func script(for invoke: SidecarFrame.Invoke) -> SimulatedWorker.Run {
    begun += 1
    var random = SeededGenerator(
      seed: seed ^ (UInt64(invoke.firing.text.prefix(15), radix: 16) ?? 0) ^ UInt64(invoke.attempt) << 60)
    let function = plan.functions.first { $0.name == invoke.function }
    let buckets = function?.outputs ?? plan.buckets.map(\.name)
    var moves: [SimulatedWorker.Move] = []
    if !buckets.isEmpty, begun < budget {
      for index in 0..<[1, 1, 1, 2, 0][random.below(5)] {
        let key =
          random.below(3) == 0 ? "k\(random.below(4))" : DefaultKey.make(firing: invoke.firing, index: index + 1).text
        let bucket = buckets[random.below(buckets.count)]
        moves.append(.put(bucket: bucket, key: key, group: nil, size: random.below(200)))
      }
    }
    if random.below(4) == 0 { moves.append(.output(size: 10)) }
    let ending: SimulatedWorker.Ending = random.below(12) == 0 ? .fail(isRetryable: random.below(4) > 0) : .commit
    return SimulatedWorker.Run(invoke: invoke, moves: moves, ending: ending)
  }

  private mutating func work() {
    now = now + .microseconds(100)
    if begun >= cancelledAt, core.sessions["s"]?.endedAt == nil {
      core.coordinatorFrame(.cancel(session: "s"), now: now)
      follow()
    }
    guard var run = worker.run else { return }
    if run.isCancelled {
      worker.end(.failed(message: "CancellationError()", isRetryable: true))
      report()
      return follow()
    }
    for move in run.moves { enter(move, &run) }
    run.moves = []
    worker.run = run
    guard case .fail(let isRetryable) = run.ending else { return commit(run) }
    worker.end(.failed(message: "it broke", isRetryable: isRetryable))
    report()
    follow()
  }

  /// Goes on only where nothing else waits for the worker: there the two pods do the same things in the same order.
  private mutating func commit(_ run: SimulatedWorker.Run) {
    let next = core.scheduler.queuedCount == 0 ? worker.next(after: run) : nil
    worker.end(.committed(run.transaction), continues: next != nil)
    guard let next else {
      report()
      return follow()
    }
    hops += 1
    var following = script(for: next)
    following.hops = run.hops + 1
    worker.begin(following)
    report()
    if core.scheduler.queuedCount > 0 { hasRivals = true }
    follow()
  }

  private mutating func enter(_ move: SimulatedWorker.Move, _ run: inout SimulatedWorker.Run) {
    guard let location = place(move.size) else { return }
    switch move {
    case .put(let bucket, let key, let group, _):
      let put = Transaction.Put(bucket: bucket, key: Label(key), group: group, location: location)
      if run.invoke.publishesImmediately {
        worker.toPod.append(.published(.init(invocation: run.invoke.invocation, put: put)))
      } else {
        run.transaction.puts.append(put)
      }
    case .output: run.transaction.outputs.append(.init(name: "", location: location))
    case .call, .announce: break
    }
  }

  private mutating func place(_ size: Int) -> ObjectLocation? {
    while true {
      switch worker.place(size) {
      case .at(let location): return location
      case .denied: return nil
      case .asks:
        report()
        follow()
        if worker.answer == nil { return nil }
      }
    }
  }
}
