import Dataflow
import ObjectStore
import Testing
import Wire

@testable import ExecutorPod

/// A pod's core with workers that do as they are told, a clock that is moved by hand, and no I/O.
struct PodBench {
  /// What a worker process knows: its mapped arena, and what it was sent last.
  struct Worker {
    var slot: UInt16
    var invoke: SidecarFrame.Invoke?
    var continuations: Continuations?
    var arena: UInt32?
    var offset = 0
    var size = 0
    /// What of the arena it may write; empty for all.
    var free: [Range<Int>] = []
    /// Bytes that it has asked room for, without an answer so far.
    var asked: Int?
    /// A large segment that was granted and not used yet.
    var large: UInt32?
    var denial: String?
    var wasCancelled = false
    /// Segments that it can read or write.
    var mapped: Set<UInt32> = []
  }

  struct Delivery: Equatable {
    var session: String
    var state: SessionResult.State
    var message: String
    var outputs: [OutputLocation]
    var request: UInt64?
  }

  var core: PodCore
  var now = Moment(monotonic: .seconds(100), wall: .seconds(1_000_000))
  var workers: [UInt64: Worker] = [:]
  var supervisorFrames: [SidecarFrame] = []
  var told: [PodFrame] = []
  var deliveries: [Delivery] = []
  var closed: [UInt64: String] = [:]
  var segments: Set<UInt32> = []
  var violations: [String] = []
  private var lastConnection: UInt64 = 0
  private var supervisor: UInt64?

  init(_ plan: WorkflowPlan? = PodBench.wordcount, sharedMemory: Int = 1 << 20) {
    core = PodCore(
      identity: PodIdentity(
        namespace: "n", workflow: "w", revision: "r", podName: "pod", podUID: "u", sharedMemory: sharedMemory, epoch: 9)
    )
    core.linkOpened()
    if let plan { core.apply(plan, now: now) }
    run()
  }

  static let wordcount = WorkflowPlan(
    namespace: "n", workflow: "w", revision: "1", entry: "split",
    functions: [
      FunctionPlan(name: "split", outputs: ["words"]),
      FunctionPlan(name: "count", outputs: ["counts"], timeout: .seconds(2)), FunctionPlan(name: "merge", outputs: []),
    ],
    buckets: [
      BucketPlan(
        name: "counts", triggers: [TriggerPlan(name: "all", target: "merge", .dynamicJoin(announcedBy: ["split"]))]),
      BucketPlan(name: "words", triggers: [TriggerPlan(name: "each", target: "count", .immediate)]),
    ])

  // MARK: - Events

  mutating func join(
    slot: UInt16 = 0, functions: [String] = ["split", "count", "merge"], process: UInt32 = 0
  ) -> UInt64 {
    lastConnection += 1
    workers[lastConnection] = Worker(slot: slot)
    send(
      .hello(.init(role: .worker, container: "app", slot: slot, functions: functions, process: process)), lastConnection
    )
    return lastConnection
  }

  @discardableResult
  mutating func joinSupervisor(features: Features = .current) -> UInt64 {
    lastConnection += 1
    supervisor = lastConnection
    send(
      .hello(.init(features: features, role: .supervisor, container: "app", slot: 2, functions: [])), lastConnection)
    return lastConnection
  }

  mutating func die(_ connection: UInt64, reason: String = "the executor died", hasEnded: Bool = false) {
    workers[connection] = nil
    core.workerGone(connection, reason: reason, hasEnded: hasEnded, now: now)
    run()
  }

  mutating func send(_ frame: WorkerFrame, _ connection: UInt64) {
    core.workerFrame(frame, from: connection, now: now)
    run()
  }

  mutating func tell(_ frame: CoordinatorFrame) {
    core.coordinatorFrame(frame, now: now)
    run()
  }

  mutating func apply(_ plan: WorkflowPlan) {
    core.apply(plan, now: now)
    run()
  }

  mutating func start(_ session: String, function: String = "split", payload: Int = 10, timeout: UInt64? = nil) {
    tell(
      .start(
        .init(
          session: session, origin: .invoke(function: function), payload: [UInt8](repeating: 7, count: payload),
          idempotencyKey: "key-\(session)", requestHash: "hash", timeout: timeout)))
  }

  mutating func pass(_ duration: Duration) {
    let end = now + duration
    while let deadline = core.nextDeadline, deadline <= end.monotonic {
      now = now + max(.zero, deadline - now.monotonic)
      core.timersDue(now: now)
      run()
    }
    now = end
  }

  // MARK: - Workers

  /// Room for an object that there must be room for.
  mutating func room(_ bytes: Int, _ connection: UInt64) throws -> ObjectLocation {
    let location = place(bytes, connection)
    return try #require(location, "worker \(connection) got no room: \(workers[connection]?.denial ?? "it waits")")
  }

  /// Asks for room that there must not be.
  mutating func beginWaiting(_ bytes: Int, _ connection: UInt64) {
    if let location = place(bytes, connection) { violations.append("there was room: \(location)") }
  }

  /// Finds room for an object, asking for a segment if need be; nil while it has to wait or when it was denied.
  mutating func place(_ bytes: Int, _ connection: UInt64) -> ObjectLocation? {
    guard bytes > 0 else { return ObjectLocation(segment: 0, offset: 0, length: 0) }
    if let location = fit(bytes, connection) { return location }
    if workers[connection]?.asked == nil {
      workers[connection]?.asked = bytes
      send(.needSegment(bytes: UInt64(bytes)), connection)
    }
    return fit(bytes, connection)
  }

  private mutating func fit(_ bytes: Int, _ connection: UInt64) -> ObjectLocation? {
    guard var worker = workers[connection], worker.asked == nil else { return nil }
    defer { workers[connection] = worker }
    if bytes > core.ledger.arenaSize / 4 {
      defer { worker.large = nil }
      return worker.large.map { ObjectLocation(segment: $0, offset: 0, length: UInt64(bytes)) }
    }
    guard let arena = worker.arena else { return nil }
    for range in worker.free.isEmpty ? [0..<worker.size] : worker.free {
      let offset = (max(worker.offset, range.lowerBound) + 63) & ~63
      guard offset + bytes <= range.upperBound else { continue }
      worker.offset = offset + bytes
      return ObjectLocation(segment: arena, offset: UInt64(offset), length: UInt64(bytes))
    }
    return nil
  }

  /// The worker commits and goes on by itself, if it may, before the pod hears of it. Answers whether it did.
  @discardableResult
  mutating func goOn(_ connection: UInt64, _ transaction: Transaction) -> Bool {
    guard let invoke = workers[connection]?.invoke,
      let next = workers[connection]?.continuations?.next(after: invoke, transaction)
    else { return false }
    workers[connection]?.invoke = next
    send(
      .finished(.init(invocation: invoke.invocation, result: .committed(transaction), continues: true)), connection)
    return true
  }

  mutating func finish(_ connection: UInt64, _ transaction: Transaction = Transaction()) {
    report(connection, .committed(transaction))
  }

  /// Whatever runs, and whatever it leads to, ends well and puts nothing.
  mutating func finishAll() {
    while let connection = workers.keys.sorted().first(where: { workers[$0]?.invoke != nil }) { finish(connection) }
  }

  mutating func fail(_ connection: UInt64, _ message: String = "it broke", isRetryable: Bool = true) {
    report(connection, .failed(message: message, isRetryable: isRetryable))
  }

  private mutating func report(_ connection: UInt64, _ result: WorkerFrame.Finished.Result) {
    guard let invocation = workers[connection]?.invoke?.invocation else {
      return violations.append("worker \(connection) has nothing to report")
    }
    workers[connection]?.invoke = nil
    workers[connection]?.wasCancelled = false
    workers[connection]?.asked = nil
    workers[connection]?.denial = nil
    workers[connection]?.large = nil
    send(.finished(.init(invocation: invocation, result: result)), connection)
  }

  /// The worker puts objects of these sizes and announces their keys for `counts`, if told to.
  mutating func commit(
    _ connection: UInt64, bucket: String = "words", _ objects: [String: Int] = [:], announces: [String]? = nil,
    output: Int? = nil
  ) throws {
    var transaction = Transaction()
    for (key, bytes) in objects.sorted(by: { $0.key < $1.key }) {
      let location = place(bytes, connection)
      transaction.puts.append(.init(bucket: bucket, key: Label(key), location: try #require(location)))
    }
    if let announces { transaction.announcements = [.init(bucket: "counts", keys: announces)] }
    if let output {
      let location = place(output, connection)
      transaction.outputs = [.init(name: "", location: try #require(location))]
    }
    finish(connection, transaction)
  }

  func function(_ connection: UInt64) -> String? { workers[connection]?.invoke?.function }
  func delivery(_ session: String) -> Delivery? { deliveries.last { $0.session == session && $0.request == nil } }

  // MARK: - Actions

  private mutating func run() {
    while true {
      let actions = core.takeActions()
      if actions.isEmpty { break }
      for action in actions { perform(action) }
    }
    if segments.count != core.ledger.segmentCount { violations.append("segments and ledger differ") }
    if core.ledger.used > core.ledger.limit { violations.append("more memory than there is: \(core.ledger.used)") }
    if core.executors.count != workers.count { violations.append("executors and workers differ") }
  }

  private mutating func perform(_ action: PodAction) {
    switch action {
    case .send(let connection, let frame, let segment):
      if let segment, !segments.contains(segment) { violations.append("\(frame) travels with a segment that is gone") }
      receive(frame, connection)
    case .close(let connection, let reason):
      closed[connection] = reason
      workers[connection] = nil
      core.workerGone(connection, reason: "the executor died: \(reason)", now: now)
    case .createSegment(let id, _), .createOwnSegment(let id, _):
      if !segments.insert(id).inserted { violations.append("segment \(id) was created twice") }
    case .sealSegment(let id, _):
      if !segments.contains(id) { violations.append("segment \(id) is sealed and gone") }
    case .destroySegment(let id):
      if segments.remove(id) == nil { violations.append("segment \(id) was destroyed twice") }
    case .write(_, let segment, _):
      if !segments.contains(segment) { violations.append("segment \(segment) is written to and gone") }
    case .tellCoordinator(let frame): told.append(frame)
    case .deliver(let session, let state, let message, let outputs, let request):
      deliveries.append(
        Delivery(session: session, state: state, message: message, outputs: outputs, request: request))
      for output in outputs where output.location.length > 0 && !segments.contains(output.location.segment) {
        violations.append("output of \(session) lies in a segment that is gone")
      }
    case .log: break
    }
  }

  private mutating func receive(_ frame: SidecarFrame, _ connection: UInt64) {
    if connection == supervisor { return supervisorFrames.append(frame) }
    guard var worker = workers[connection] else { return }
    var answer: WorkerFrame?
    switch frame {
    case .grant(let segment, let size, _):
      let isLarge = (worker.asked ?? 0) > core.ledger.arenaSize / 4
      if isLarge {
        worker.large = segment
      } else {
        (worker.arena, worker.offset, worker.size, worker.free) = (segment, 0, Int(size), [])
      }
      worker.asked = nil
      worker.mapped.insert(segment)
      answer = .segmentMapped(segment: segment)
    case .recycle(let segment, _, let free):
      if !worker.mapped.contains(segment) { violations.append("segment \(segment) is recycled but not mapped") }
      if (worker.asked ?? 0) > core.ledger.arenaSize / 4 {
        worker.large = segment
      } else {
        (worker.arena, worker.offset, worker.size) = (segment, 0, core.ledger.arenaSize)
        worker.free = free.map { Int($0.lowerBound)..<Int($0.upperBound) }
      }
      worker.asked = nil
    case .denied(let reason, _):
      worker.asked = nil
      worker.denial = reason
    case .attach(let segment, _): worker.mapped.insert(segment)
    case .detach(let segment):
      worker.mapped.remove(segment)
      if worker.arena == segment { (worker.arena, worker.size, worker.free) = (nil, 0, []) }
    case .invoke(let invoke):
      if worker.invoke != nil { violations.append("worker \(connection) is given a second attempt") }
      worker.invoke = invoke
      worker.wasCancelled = false
      for input in invoke.inputs where input.location.length > 0 && !worker.mapped.contains(input.location.segment) {
        violations.append("worker \(connection) cannot read \(input)")
      }
    case .cancel(let invocation): worker.wasCancelled = worker.invoke?.invocation == invocation
    case .continuations(let table): worker.continuations = table
    case .welcome, .refused, .drain, .kill: break
    }
    workers[connection] = worker
    if let answer { core.workerFrame(answer, from: connection, now: now) }
  }
}
