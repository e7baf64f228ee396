import CAllocationCount
import Dataflow
import DequeModule
import ExecutorPod
import Glibc
import Measures
import SharedMemory
import Wire

/// What the pod's decisions cost by themselves: frames are taken apart and made, but nothing crosses to another process.
struct CoreFigures {
  private var core = PodCore(
    identity: PodIdentity(
      namespace: "bench", workflow: BenchPlan.workflow, revision: "1", podName: "bench", podUID: "u",
      sharedMemory: 64 << 20, epoch: 1))
  private let connection: UInt64 = 2
  private var arena: (id: UInt32, offset: Int, size: Int)?
  private var invoke: SidecarFrame.Invoke?
  private var ended = 0
  private var actions: Deque<PodAction> = []
  /// What a frame is written into and read from, in memory that is used again, as connections do it.
  private var writer = ByteWriter()
  private var arrived: [UInt8] = []
  private let start = MonotonicClock.nanoseconds()

  init() {
    core.linkOpened()
    core.apply(BenchPlan.plan(sharedMemory: 1 << 30), now: now)
    core.coordinatorFrame(.registered(version: 1, features: .current, coordinator: "bench"), now: now)
    let names = BenchPlan.functions.map(\.name)
    receive(.hello(.init(features: .continuations, role: .worker, container: "c", slot: 0, functions: names)))
  }

  private var now: Moment {
    let time = Duration.nanoseconds(MonotonicClock.nanoseconds() - start)
    return Moment(monotonic: time, wall: time)
  }

  private mutating func receive(_ frame: WorkerFrame) {
    guard let frame = travelled(frame) else { return }
    core.workerFrame(frame, from: connection, now: now)
    followActions()
  }

  /// The frame as the other side has it.
  private mutating func travelled<Travelling: Frame>(_ frame: Travelling) -> Travelling? {
    frame.replace(contentsOf: &writer)
    writer.withBytes { arrived.replace(by: $0) }
    return try? Travelling(decoding: arrived)
  }

  private mutating func followActions() {
    core.moveActions(to: &actions)
    while let action = actions.popFirst() {
      switch action {
      case .send(_, .invoke(let invoke), _):
        if case .invoke(let arrived)? = travelled(SidecarFrame.invoke(invoke)) { self.invoke = arrived }
      case .send(_, .grant(let segment, let size, _), _):
        arena = (segment, 0, Int(size))
        receive(.segmentMapped(segment: segment))
      case .send(_, .recycle(let segment, _, _), _): arena = (segment, 0, arena?.size ?? 0)
      case .deliver(let session, _, _, _, _):
        ended += 1
        core.coordinatorFrame(.received(session: session), now: now)
      default: break
      }
    }
  }

  private mutating func allocate(_ count: Int) -> ObjectLocation {
    if arena.map({ $0.offset + count > $0.size }) ?? true { receive(.needSegment(bytes: UInt64(count))) }
    let place = ObjectLocation(segment: arena?.id ?? 0, offset: UInt64(arena?.offset ?? 0), length: UInt64(count))
    arena?.offset += (count + 63) & ~63
    return place
  }

  /// Runs the waiting invocation: puts one object, or ends the session.
  private mutating func step(bucket: String?) {
    guard let current = invoke.take() else { return }
    let location = allocate(64)
    let transaction =
      bucket.map {
        Transaction(puts: [
          .init(bucket: $0, key: DefaultKey.make(firing: current.firing, index: 1), location: location)
        ])
      } ?? Transaction(outputs: [.init(name: "", location: location)])
    receive(.finished(.init(invocation: current.invocation, result: .committed(transaction))))
  }

  private mutating func begin(_ session: String, _ function: String) {
    core.coordinatorFrame(
      .start(.init(session: session, origin: .invoke(function: function), payload: [1, 2, 3], requestHash: "")),
      now: now)
    followActions()
  }

  /// In nanoseconds, of this thread: what others do at the same time counts less.
  private static func processorTime() -> Int64 {
    var time = timespec()
    // It fills a variable of this function.
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  struct Cost {
    var nanoseconds: Samples
    var allocations: Double
  }

  /// One hand-over: a report comes and the next invocation goes.
  static func handOver(hops: Int = 20_000, rounds: Int = 7) -> Cost {
    var figures = CoreFigures()
    var times = Samples()
    var allocations = Samples()
    for round in 0..<rounds {
      figures.begin("s\(round)", "start")
      figures.step(bucket: "to-ping")
      let (begin, before) = (Self.processorTime(), allocation_count())
      for hop in 0..<hops { figures.step(bucket: hop % 2 == 0 ? "to-pong" : "to-ping") }
      times.add(Double(Self.processorTime() - begin) / Double(hops))
      allocations.add(Double(allocation_count() - before) / Double(hops))
      figures.step(bucket: nil)
    }
    return Cost(nanoseconds: times, allocations: allocations.median)
  }

  /// One session of two steps, from its request to its result.
  static func session(count: Int = 5000, rounds: Int = 5) -> Cost {
    var figures = CoreFigures()
    var times = Samples()
    var allocations = Samples()
    for round in 0..<rounds {
      let (begin, before) = (Self.processorTime(), allocation_count())
      for number in 0..<count {
        figures.begin("s\(round)-\(number)", "first")
        figures.step(bucket: "steps")
        figures.step(bucket: nil)
      }
      times.add(Double(Self.processorTime() - begin) / Double(count))
      allocations.add(Double(allocation_count() - before) / Double(count))
    }
    return Cost(nanoseconds: times, allocations: allocations.median)
  }
}
