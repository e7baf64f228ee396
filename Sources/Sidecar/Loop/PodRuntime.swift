import Dataflow
import DequeModule
import ExecutorPod
import Logging
import ObjectStore
import Scheduling
import SharedMemory
import Wire

/// Interprets the pod's actions: rings, sockets, segments and the link to the coordinator. Lives on the loop's thread.
struct PodRuntime: ~Copyable {
  static let listenerToken: UInt64 = 1
  /// After so many rounds without a sleep, sockets are looked at too.
  static let roundsPerGlance = 64

  let loop: SidecarLoop
  var core: PodCore
  var segments = SegmentTable()
  var making: [UInt32: SegmentInMaking] = [:]
  var connections: [UInt64: WorkerConnection] = [:]
  /// Those with rings, which are looked at in turn.
  var ringConnections: [(token: UInt64, connection: WorkerConnection)] = []
  var gate = ConnectionGate()
  var spinning: SpinControl
  var link: LinkOutbox?
  var lastConnection = PodRuntime.listenerToken
  var pending: Deque<PodAction> = []
  var isPerforming = false
  var handOver = HandOver()
  private var idleCallbacks: [@Sendable () -> Void] = []
  private var isStopped = false

  init(loop: SidecarLoop) {
    self.loop = loop
    core = PodCore(identity: loop.identity)
    spinning = SpinControl(settings: loop.spinning)
  }

  /// Runs until it is told to stop.
  mutating func run() throws(SystemError) {
    // Since sockets were looked at, however the work of those rounds was found.
    var rounds = 0
    while !isStopped {
      if readRings() > 0 || loop.hasMail {
        spinning.loopFoundWork()
        rounds += 1
      } else if spinForWork() {
        rounds += 1
      } else {
        try sleep()
        rounds = 0
      }
      if rounds >= Self.roundsPerGlance {
        serve(try loop.events.wait(timeout: .zero))
        rounds = 0
      }
      followTimers()
      takeMail()
    }
  }

  private mutating func followTimers() {
    let now = SidecarLoop.now()
    if let duration = handOver.clockRead(now.monotonic) { core.handedOver(in: duration) }
    if let deadline = gate.nextDeadline, deadline <= now.monotonic { follow(gate.timersDue(now: now.monotonic)) }
    if let deadline = core.nextDeadline, deadline <= now.monotonic {
      core.timersDue(now: now)
      perform()
    }
  }

  private mutating func takeMail() {
    guard loop.hasMail else { return }
    for message in loop.takeMessages() {
      follow(message)
      perform()
    }
    if core.activeSessions == 0, !idleCallbacks.isEmpty {
      for callback in idleCallbacks { callback() }
      idleCallbacks = []
    }
  }

  private mutating func follow(_ message: SidecarLoop.Message) {
    switch message {
    case .linkOpened(let outbox):
      link = outbox
      core.linkOpened()
      core.settle(now: SidecarLoop.now())
    case .linkClosed:
      link = nil
      core.linkClosed()
    case .frame(let frame): core.coordinatorFrame(frame, now: SidecarLoop.now())
    case .plan(let plan): core.apply(plan, now: SidecarLoop.now())
    case .drain: core.drain(now: SidecarLoop.now())
    case .segmentMade(let id, let segment): made(id, segment)
    case .inspect(let question): question(core)
    case .whenIdle(let callback): idleCallbacks.append(callback)
    case .stop: isStopped = true
    }
  }

  // MARK: - Waiting

  /// Spins while a worker runs something, if that is permitted: its report is expected soon. True when there is work.
  private mutating func spinForWork() -> Bool {
    tell(spinning.loopBecameIdle(isExpecting: core.scheduler.busyCount > 0))
    let (ringConnections, loop) = (ringConnections, loop)
    let isShared = expectedPlace.processor == Processors.current && !expectedPlace.isLeaving
    return spinning.spin(besideWorker: isShared) {
      loop.hasMail || ringConnections.contains { $0.connection.isReady }
    }
  }

  /// Where the worker runs that was given something last.
  private var expectedPlace: RingPlace {
    spinning.expected.flatMap { connections[$0]?.place } ?? RingPlace(processor: -1)
  }

  private mutating func sleep() throws(SystemError) {
    // Each is told to ring, also after one that has something.
    var mayWait = loop.mayFallAsleep()
    for (_, connection) in ringConnections where !connection.arm() { mayWait = false }
    let deadline = [core.nextDeadline, gate.nextDeadline].compactMap(\.self).min()
    let timeout = deadline.map { max(.zero, $0 - SidecarLoop.now().monotonic) }
    let worker = expectedPlace.processor
    let events = try Processors.rest(awayFrom: mayWait && spinning.isApart ? worker : nil) {
      [events = loop.events] () throws(SystemError) in try events.wait(timeout: mayWait ? timeout : .zero)
    }
    loop.hasAwoken()
    for (_, connection) in ringConnections { connection.disarm() }
    if spinning.loopBecameBusy(besideWorker: worker == Processors.current) { Processors.leave(worker) }
    serve(events)
  }
}
