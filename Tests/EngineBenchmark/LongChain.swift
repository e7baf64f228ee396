import CAllocationCount
import Dataflow
import ExecutorPod
import ObjectStore
import Triggers
import Wire

/// A session of a million small steps in a pod: it takes no more memory at its end than it did near its beginning.
struct LongChain {
  static let steps = 1_000_000
  /// By then everything that is bounded is full, such as the keys that are remembered.
  static let warmUp = 100_000
  /// How many bytes of the heap may be in use at the end beyond those after the warm-up. Half a byte a step would be more.
  static let allowedHeap = 256 << 10

  /// The most that the pod has held of each kind.
  private struct Peak {
    var bytes = 0
    var objects = 0
    var attempts = 0
    var timers = 0

    mutating func include(_ core: PodCore) {
      bytes = max(bytes, core.ledger.used)
      objects = max(objects, core.ledger.objectCount)
      attempts = max(attempts, core.attempts.count)
      timers = max(timers, core.timers.storedCount)
    }
  }

  private(set) var excesses: [String] = []
  private(set) var summary = ""
  private var core = PodCore(
    identity: PodIdentity(
      namespace: "n", workflow: "w", revision: "r", podName: "pod", podUID: "u", sharedMemory: 64 << 20, epoch: 1))
  private var now = Moment(monotonic: .seconds(1), wall: .seconds(1_700_000_000))
  private var running: SidecarFrame.Invoke?
  private var arena: (segment: UInt32, offset: Int, size: Int)?
  private var result: String?

  static func run() -> LongChain {
    var chain = LongChain()
    chain.play()
    return chain
  }

  private mutating func play() {
    begin()
    var (early, late) = (Peak(), Peak())
    var heap = 0
    let start = ContinuousClock.now
    for step in 0..<Self.steps {
      guard makeStep() else { return excesses.append("chain: step \(step) did not come; \(result ?? "nothing runs")") }
      if step < Self.warmUp { early.include(core) } else { late.include(core) }
      if step == Self.warmUp { heap = Int(allocated_bytes()) }
    }
    let growth = Int(allocated_bytes()) - heap
    let time = Double((ContinuousClock.now - start).wholeNanoseconds) / Double(Self.steps)
    summary =
      "chain of \(Self.steps) steps in a pod: \(Int(time)) ns a step; at most \(late.bytes) bytes of object memory, "
      + "\(late.objects) objects, \(late.attempts) attempts, \(late.timers) timers; \(growth) bytes of heap added"
    for (name, before, after) in [
      ("bytes of object memory", early.bytes, late.bytes), ("objects", early.objects, late.objects),
      ("attempts", early.attempts, late.attempts), ("timers", early.timers, late.timers),
    ] where after > before {
      excesses.append("chain: \(name) grow from \(before) in the first \(Self.warmUp) steps to \(after)")
    }
    if growth > Self.allowedHeap {
      excesses.append("chain: the heap grows by \(growth) bytes, \(Self.allowedHeap) allowed")
    }
    end()
  }

  private mutating func begin() {
    let plan = WorkflowPlan(
      namespace: "n", workflow: "w", revision: "1", entry: "a",
      functions: [FunctionPlan(name: "a", outputs: ["x"], timeout: .seconds(10))],
      buckets: [
        BucketPlan(
          name: "x",
          triggers: [
            TriggerPlan(
              name: "t", target: "a", .immediate,
              recovery: RecoveryPlan(source: "a", timeout: .milliseconds(500), limit: 1))
          ])
      ],
      sessionTimeout: .seconds(86_400), invocationLimit: Self.steps + 1)
    core.linkOpened()
    core.apply(plan, now: now)
    core.workerFrame(
      .hello(.init(features: .continuations, role: .worker, container: "app", slot: 0, functions: ["a"])), from: 1,
      now: now)
    core.coordinatorFrame(
      .start(.init(session: "s", origin: .invoke(function: "a"), payload: [1], requestHash: "")), now: now)
    follow()
  }

  /// The function puts one small object under a default key, on which it runs again. False when it does not run.
  private mutating func makeStep() -> Bool {
    guard let invoke = running, let location = place() else { return false }
    running = nil
    let key = DefaultKey.make(firing: invoke.firing, index: 1)
    finish(invoke, Transaction(puts: [.init(bucket: "x", key: key, location: location)]))
    now = now + .microseconds(100)
    if let due = core.nextDeadline, due <= now.monotonic {
      core.timersDue(now: now)
      follow()
    }
    return true
  }

  private mutating func end() {
    guard let invoke = running else { return excesses.append("chain: nothing runs after the last step") }
    finish(invoke, Transaction())
    if result != "succeeded" { excesses.append("chain: the session ended with \(result ?? "no result")") }
    if core.ledger.objectCount > 0 { excesses.append("chain: \(core.ledger.objectCount) objects are left") }
  }

  private mutating func finish(_ invoke: SidecarFrame.Invoke, _ transaction: Transaction) {
    core.workerFrame(
      .finished(.init(invocation: invoke.invocation, result: .committed(transaction))), from: 1, now: now)
    follow()
  }

  private mutating func place() -> ObjectLocation? {
    if arena.map({ $0.offset + 64 > $0.size }) ?? true {
      arena = nil
      core.workerFrame(.needSegment(bytes: 8), from: 1, now: now)
      follow()
    }
    guard let (segment, offset, size) = arena else { return nil }
    arena = (segment, offset + 64, size)
    return ObjectLocation(segment: segment, offset: UInt64(offset), length: 8)
  }

  /// What the worker does with what it is sent.
  private mutating func follow() {
    while true {
      let actions = core.takeActions()
      if actions.isEmpty { return }
      for action in actions {
        switch action {
        case .send(_, .invoke(let invoke), _): running = invoke
        case .send(_, .grant(let segment, let size, _), _):
          arena = (segment, 0, Int(size))
          core.workerFrame(.segmentMapped(segment: segment), from: 1, now: now)
        case .send(_, .recycle(let segment, _, _), _): arena = (segment, 0, core.ledger.arenaSize)
        case .close(_, let reason): result = "the worker was closed: \(reason)"
        case .deliver(_, let state, let message, _, _): result = message.isEmpty ? "\(state)" : "\(state): \(message)"
        default: break
        }
      }
    }
  }
}
