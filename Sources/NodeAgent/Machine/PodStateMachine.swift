/// Decides what happens to a pod on its node: facts in, actions out, with the time as an input.
///
///     preparing ──volumes──> active ──all main containers are through──> stopping(completed) ──> stopped
///         └──────deletion, ─────┴──deletion, deadline, failed init, ──> stopping(…) ─────────────┘
///              node shutdown                node shutdown
///
/// In `active` a turn goes through the containers in order: an init container has to succeed and a native sidecar to be
/// up before the next one starts; then all main containers start. In `stopping` every preStop hook runs at once, main
/// containers get their signal first, and native sidecars follow one by one in reverse order, under one countdown.
package struct PodStateMachine: Sendable {
  package enum Stage: Sendable, Hashable {
    case preparing
    case active
    case stopping(StopCause)
    case stopped(StopCause)
  }

  package enum StopCause: Sendable, Hashable {
    case deleted
    /// All main containers are through, or an init container failed for good.
    case completed
    case deadlineExceeded
    case nodeShutdown
  }

  package let pod: PodDescription
  package let backOff: RestartBackOff
  package internal(set) var stage = Stage.preparing
  /// In the order in which they start.
  package internal(set) var containers: [ContainerState]
  /// All init containers have succeeded and all sidecars been up, once.
  package internal(set) var isInitialized = false
  package internal(set) var isDeletionRequested = false
  var isNodeShuttingDown = false
  /// When the pod's grace ends; nil unless it is stopping.
  var graceEnds: Duration?
  /// The grace is over: what still runs only gets ``lastWord``.
  var isOverdue = false
  /// There was no grace, or none is left: what comes up late is killed.
  var killsAtOnce = false
  let begunAt: Moment
  private var volumeFailures = 0
  var transitions: [String: ConditionTransition] = [:]
  /// The status as it was last found to have changed.
  package private(set) var lastReport: PodStatusReport?

  /// What a sidecar gets between its signal and its end when main containers have used up the whole grace. Kubernetes
  /// grants the same.
  static let lastWord = Duration.seconds(2)

  package init(_ pod: PodDescription, backOff: RestartBackOff = RestartBackOff(), now: Moment) {
    self.pod = pod
    self.backOff = backOff
    begunAt = now
    containers =
      (pod.spec.initContainers ?? []).map { spec in
        ContainerState(spec: spec, role: spec.restartPolicy == "Always" ? .sidecar : .initializer)
      } + pod.spec.containers.map { ContainerState(spec: $0, role: .main) }
  }

  /// The first actions.
  package mutating func begin(now: Moment) -> [PodAction] {
    var actions = [PodAction.prepareVolumes]
    if let deadline = pod.spec.activeDeadlineSeconds {
      actions.append(.schedule(.activeDeadline, after: .seconds(deadline)))
    }
    report(now: now, &actions)
    return actions
  }

  /// Takes in a fact and says what to do. Facts about what is over already are ignored.
  package mutating func apply(_ fact: PodFact, now: Moment) -> [PodAction] {
    var actions: [PodAction] = []
    switch fact {
    case .volumesReady:
      if stage == .preparing { stage = .active }
    case .volumesFailed(let message):
      volumesFailed(message, &actions)
    case .containerStarted(let run, let pid):
      containerStarted(run, pid: pid, now: now, &actions)
    case .containerStartFailed(let run, let failure):
      containerStartFailed(run, failure, now: now, &actions)
    case .containerExited(let run, let exit, let said):
      containerExited(run, exit, said: said, now: now, &actions)
    case .probeFinished(let run, let kind, let succeeded, let message):
      probeFinished(run, kind, succeeded: succeeded, message: message, &actions)
    case .hookFinished(let run, let kind, let succeeded, let message):
      hookFinished(run, kind, succeeded: succeeded, message: message, &actions)
    case .timerFired(let timer):
      timerFired(timer, now: now, &actions)
    case .deletionRequested(let grace):
      isDeletionRequested = true
      endRequested(.deleted, grace: grace, now: now, &actions)
    case .nodeShutdownBegan(let grace):
      isNodeShuttingDown = true
      endRequested(.nodeShutdown, grace: grace, now: now, &actions)
    }
    advance(now: now, &actions)
    report(now: now, &actions)
    return actions
  }

  /// Nothing is left to do for it on this node once it has stopped.
  package var isToLeave: Bool { isDeletionRequested || isNodeShuttingDown }

  package var hasStopped: Bool { if case .stopped = stage { true } else { false } }

  func index(of run: ContainerRun) -> Int? {
    containers.firstIndex { $0.spec.name == run.container && $0.attempt == run.attempt }
  }

  /// What follows from the state, whatever fact led to it.
  private mutating func advance(now: Moment, _ actions: inout [PodAction]) {
    switch stage {
    case .preparing, .stopped: break
    case .active: advanceActive(now: now, &actions)
    case .stopping: advanceStopping(now: now, &actions)
    }
  }

  private mutating func volumesFailed(_ message: String, _ actions: inout [PodAction]) {
    guard stage == .preparing else { return }
    volumeFailures += 1
    actions.append(.recordEvent(.warning("FailedMount", message)))
    actions.append(.schedule(.volumes, after: backOff.delay(afterFailures: volumeFailures)))
  }

  private mutating func timerFired(_ timer: PodTimer, now: Moment, _ actions: inout [PodAction]) {
    switch timer {
    case .volumes:
      if stage == .preparing { actions.append(.prepareVolumes) }
    case .restart(let name):
      guard let index = containers.firstIndex(where: { $0.spec.name == name }),
        case .backingOff = containers[index].phase
      else { return }
      containers[index].phase = .idle
    case .probe(let name, let kind):
      guard let container = containers.first(where: { $0.spec.name == name }), let running = container.running,
        running.stop == nil || kind == .readiness
      else { return }
      actions.append(.runProbe(container.run, kind))
    case .containerGrace(let name):
      guard let index = containers.firstIndex(where: { $0.spec.name == name }) else { return }
      kill(index, &actions)
    case .podGrace:
      graceEnded(now: now, &actions)
    case .activeDeadline:
      guard stage == .preparing || stage == .active else { return }
      actions.append(
        .recordEvent(.warning("DeadlineExceeded", "Pod was active on the node longer than the specified deadline")))
      beginStopping(.deadlineExceeded, grace: pod.spec.gracePeriod, now: now, &actions)
    }
  }

  private mutating func report(now: Moment, _ actions: inout [PodAction]) {
    let report = statusReport(now: now)
    guard report != lastReport else { return }
    lastReport = report
    // The report goes before `finish`, so that the last status is written before the pod disappears.
    if let end = actions.firstIndex(of: .finish) {
      actions.insert(.reportStatus, at: end)
    } else {
      actions.append(.reportStatus)
    }
  }
}
