import FoundationEssentials
import Glibc
import KubernetesAPI
import Logging
import Synchronization

/// Interprets one pod's ``PodStateMachine``: runs its actions and tells it what came of them.
final class PodRunner: Sendable {
  /// What all runners of a node share.
  struct Context: Sendable {
    var node: NodeIdentity
    var folder: String
    var images: ImageMap
    var processes: ProcessTable
    var api: PodAPI
    var logger: Logger
    var logLimit: Int
  }

  let pod: PodDescription
  let object: KubernetesObject
  let address: String
  let context: Context
  let folders: PodFolders
  let logger: Logger
  private let machine: Mutex<PodStateMachine>
  private let facts: AsyncStream<PodFact>
  private let factSource: AsyncStream<PodFact>.Continuation
  private let begun = ContinuousClock.now
  let startTime = Moment(monotonic: .zero, wall: Date()).timestamp
  /// The current number of each timer: an older one that fires is ignored.
  private let timers = Mutex<[PodTimer: Int]>([:])
  let processIDs = Mutex<[ContainerRun: Int32]>([:])
  let logs = Mutex<[ContainerRun: ContainerLog]>([:])
  let launcher = Mutex<ContainerLauncher?>(nil)
  private let reports: AsyncStream<Void>
  private let reportSource: AsyncStream<Void>.Continuation

  init(_ object: KubernetesObject, address: String, backOff: RestartBackOff, context: Context) throws {
    self.object = object
    pod = try PodDescription(object)
    self.address = address
    self.context = context
    folders = PodFolders(root: context.folder, pod: pod)
    var logger = context.logger
    logger[metadataKey: "pod"] = .string(pod.key.description)
    self.logger = logger
    machine = Mutex(PodStateMachine(pod, backOff: backOff, now: Moment(monotonic: .zero, wall: Date())))
    // Bounded by what can be under way for one pod: each process, probe, hook and timer tells of itself once.
    (facts, factSource) = AsyncStream.makeStream(of: PodFact.self, bufferingPolicy: .unbounded)
    (reports, reportSource) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  }

  var now: Moment { Moment(monotonic: ContinuousClock.now - begun, wall: Date()) }

  func tell(_ fact: PodFact) { factSource.yield(fact) }

  /// The pod as it is in the API: whether it is ready is this node's word, which others may have written over while the
  /// node was not heard of.
  func seen(_ object: KubernetesObject) {
    func readiness(_ conditions: [JSONValue]?) -> JSONValue? { conditions?.first { $0["type"] == "Ready" }?["status"] }
    guard let report = machine.withLock({ $0.lastReport }) else { return }
    if readiness(object["status", "conditions"]?.arrayValue) != readiness(report.conditions) { reportSource.yield() }
  }

  /// Runs until the pod is gone. Whatever ends this, no process of the pod is left.
  func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.report() }
      var actions = machine.withLock { $0.begin(now: now) }
      var isOver = perform(actions, &group)
      for await fact in facts where !isOver {
        logger.debug("fact", metadata: ["fact": "\(fact)"])
        actions = machine.withLock { $0.apply(fact, now: now) }
        if perform(actions, &group) {
          isOver = true
          factSource.finish()
        }
      }
      reportSource.finish()
      killAll()
      group.cancelAll()
    }
    await end()
  }

  private func killAll() {
    for pid in processIDs.withLock({ Array($0.values) }) { context.processes.signal(pid, SIGKILL) }
  }

  private func end() async {
    let (report, isDeleted) = machine.withLock { ($0.lastReport, $0.isDeletionRequested) }
    // In a task of its own: also a cancelled runner says its last word.
    await Task { [self] in
      if let report { await context.api.write(report, of: self) }
      if isDeleted { await context.api.remove(self) }
    }.value
    try? FileManager.default.removeItem(atPath: folders.home)
  }

  private func report() async {
    for await _ in reports {
      var wait = Duration.milliseconds(200)
      while !Task.isCancelled {
        guard let report = machine.withLock({ $0.lastReport }) else { break }
        if await context.api.write(report, of: self) { break }
        try? await Task.sleep(for: wait)
        wait = min(wait * 2, .seconds(10))
      }
    }
  }

  /// True when the pod is over.
  private func perform(
    _ actions: [PodAction], _ group: inout TaskGroup<Void>
  ) -> Bool {
    for action in actions {
      switch action {
      case .prepareVolumes: group.addTask { await self.prepareVolumes() }
      case .startContainer(let run): group.addTask { await self.startContainer(run) }
      case .signal(let run, let signal): self.signal(run, signal)
      case .runHook(let run, let kind): group.addTask { await self.runHook(run, kind) }
      case .runProbe(let run, let kind): group.addTask { await self.runProbe(run, kind) }
      case .schedule(let timer, let delay): schedule(timer, after: delay, &group)
      case .cancel(let timer): timers.withLock { $0[timer, default: 0] += 1 }
      case .recordEvent(let event): group.addTask { await self.context.api.record(event, about: self.object) }
      case .reportStatus: reportSource.yield()
      case .finish:
        if machine.withLock({ $0.isToLeave }) { return true }
      }
    }
    return false
  }

  private func schedule(_ timer: PodTimer, after delay: Duration, _ group: inout TaskGroup<Void>) {
    let number = timers.withLock { timers in
      timers[timer, default: 0] += 1
      return timers[timer]
    }
    group.addTask {
      if delay > .zero { try? await Task.sleep(for: delay) }
      guard !Task.isCancelled, self.timers.withLock({ $0[timer] }) == number else { return }
      self.tell(.timerFired(timer))
    }
  }

  private func signal(_ run: ContainerRun, _ signal: StopSignal) {
    guard let pid = processIDs.withLock({ $0[run] }) else { return }
    switch signal {
    // Like a container runtime: the first process is asked, and what it leaves behind goes with it.
    case .terminate: context.processes.signal(pid, SIGTERM, wholeGroup: false)
    case .kill: context.processes.signal(pid, SIGKILL)
    }
  }
}
