import KubernetesAPI

/// Legal transitions here: `active` to itself or to `stopping(.completed)`.
extension PodStateMachine {
  mutating func advanceActive(now: Moment, _ actions: inout [PodAction]) {
    guard isInitialized || advanceInitialization(now: now, &actions) else { return }
    for index in containers.indices { startIfIdle(index, &actions) }
    if containers.allSatisfy({ $0.role != .main || $0.phase == .finished }) {
      beginStopping(.completed, grace: pod.spec.gracePeriod, now: now, &actions)
      advanceStopping(now: now, &actions)
    }
  }

  /// Starts the next one in order. True once everything before the main containers is done.
  private mutating func advanceInitialization(now: Moment, _ actions: inout [PodAction]) -> Bool {
    for index in containers.indices {
      switch containers[index].role {
      case .initializer:
        if containers[index].hasSucceeded { continue }
        if containers[index].phase == .finished {
          beginStopping(.completed, grace: pod.spec.gracePeriod, now: now, &actions)
          advanceStopping(now: now, &actions)
          return false
        }
        startIfIdle(index, &actions)
        return false
      case .sidecar:
        // A sidecar that went down again comes up by itself; nobody waits for it twice.
        startIfIdle(index, &actions)
        guard containers[index].hasBeenUp else { return false }
      case .main:
        isInitialized = true
        return true
      }
    }
    isInitialized = true
    return true
  }

  private mutating func startIfIdle(_ index: Int, _ actions: inout [PodAction]) {
    guard containers[index].phase == .idle else { return }
    containers[index].phase = .starting
    actions.append(.startContainer(containers[index].run))
  }

  mutating func containerStarted(
    _ run: ContainerRun, pid: Int32, now: Moment, _ actions: inout [PodAction]
  ) {
    guard let index = index(of: run), containers[index].phase == .starting else { return }
    let spec = containers[index].spec
    let hasHook = spec.hook(.postStart) != nil
    containers[index].pullFailures = 0
    containers[index].phase = .running(
      .init(
        pid: pid, startedAt: now, postStartDone: !hasHook, startupPassed: spec.startupProbe == nil,
        isReady: spec.readinessProbe == nil))
    actions.append(.recordEvent(.normal("Started", "Started container \(spec.name) as process \(pid)")))
    if case .stopping = stage {
      // The pod was told to stop between the decision to start it and its start. `advance` signals it.
      containers[index].phase.setStop(.waitingForTurn)
      return
    }
    if hasHook {
      actions.append(.runHook(run, .postStart))
    } else {
      becameUp(index, &actions)
    }
  }

  /// The post-start hook is through: probes begin.
  private mutating func becameUp(_ index: Int, _ actions: inout [PodAction]) {
    let spec = containers[index].spec
    if let probe = spec.startupProbe {
      actions.append(.schedule(.probe(container: spec.name, .startup), after: probe.initialDelay))
    } else {
      startupPassed(index, sinceStart: true, &actions)
    }
  }

  private mutating func startupPassed(_ index: Int, sinceStart: Bool, _ actions: inout [PodAction]) {
    let spec = containers[index].spec
    containers[index].hasBeenUp = true
    for kind in [ProbeKind.readiness, .liveness] {
      guard let probe = spec.probe(kind) else { continue }
      actions.append(
        .schedule(.probe(container: spec.name, kind), after: sinceStart ? probe.initialDelay : .zero))
    }
  }

  mutating func containerStartFailed(
    _ run: ContainerRun, _ failure: StartFailure, now: Moment, _ actions: inout [PodAction]
  ) {
    guard let index = index(of: run), containers[index].phase == .starting else { return }
    let name = run.container
    guard stage == .active else {
      containers[index].phase = .finished
      return
    }
    containers[index].pullFailures += 1
    let failures = containers[index].pullFailures
    var reason = failure.reason.rawValue
    if failure.reason == .imagePull, failures > 1 { reason = "ImagePullBackOff" }
    if failure.reason == .run { reason = failures > 1 ? "CrashLoopBackOff" : reason }
    containers[index].phase = .backingOff(reason: reason, message: failure.message)
    actions.append(.recordEvent(.warning("Failed", "Error: \(reason): \(failure.message)")))
    actions.append(.schedule(.restart(container: name), after: backOff.delay(afterFailures: failures)))
  }

  mutating func containerExited(
    _ run: ContainerRun, _ exit: ProcessExit, said: String, now: Moment, _ actions: inout [PodAction]
  ) {
    guard let index = index(of: run), let running = containers[index].running else { return }
    let name = run.container
    for kind in ProbeKind.allCases where containers[index].spec.probe(kind) != nil {
      actions.append(.cancel(.probe(container: name, kind)))
    }
    if running.stop != nil { actions.append(.cancel(.containerGrace(container: name))) }
    containers[index].lastTermination = .init(
      exit: exit, reason: exit == .exited(code: 0) ? "Completed" : "Error",
      message: containers[index].spec.terminationMessage(exit, said: said), startedAt: running.startedAt,
      finishedAt: now, attempt: run.attempt)
    guard stage == .active, restarts(containers[index].role, after: exit) else {
      containers[index].phase = .finished
      return
    }
    if now.monotonic - running.startedAt.monotonic >= backOff.resetAfter { containers[index].failures = 0 }
    let delay = backOff.delay(afterFailures: containers[index].failures)
    containers[index].failures += 1
    containers[index].attempt += 1
    guard delay > .zero else {
      containers[index].phase = .idle
      return
    }
    let message =
      "back-off \(delay) restarting failed container=\(name) pod=\(pod.key.name)_\(pod.namespace)(\(pod.uid))"
    containers[index].phase = .backingOff(reason: "CrashLoopBackOff", message: message)
    actions.append(.schedule(.restart(container: name), after: delay))
    actions.append(
      .recordEvent(.warning("BackOff", "Back-off restarting failed container \(name) in pod \(pod.key.name)")))
  }

  private func restarts(_ role: ContainerState.Role, after exit: ProcessExit) -> Bool {
    switch (role, pod.spec.policy) {
    case (.sidecar, _): true
    case (.initializer, .never): false
    case (.initializer, _): exit != .exited(code: 0)
    case (.main, .always): true
    case (.main, .onFailure): exit != .exited(code: 0)
    case (.main, .never): false
    }
  }

  mutating func hookFinished(
    _ run: ContainerRun, _ kind: HookKind, succeeded: Bool, message: String, _ actions: inout [PodAction]
  ) {
    guard let index = index(of: run), let running = containers[index].running else { return }
    if !succeeded {
      actions.append(.recordEvent(.warning("Failed\(kind.rawValue)Hook", "\(run.container): \(message)")))
    }
    switch kind {
    case .postStart:
      guard running.stop == nil else { return }
      containers[index].phase.update { $0.postStartDone = true }
      if succeeded {
        becameUp(index, &actions)
      } else {
        stopContainer(index, grace: pod.spec.gracePeriod, why: "its postStart hook failed", &actions)
      }
    case .preStop:
      guard running.stop == .preStopHook else { return }
      containers[index].phase.setStop(.waitingForTurn)
      if stage == .active { terminate(index, &actions) }
    }
  }

  mutating func probeFinished(
    _ run: ContainerRun, _ kind: ProbeKind, succeeded: Bool, message: String, _ actions: inout [PodAction]
  ) {
    guard let index = index(of: run), let running = containers[index].running,
      let probe = containers[index].spec.probe(kind), running.stop == nil || kind == .readiness
    else { return }
    var progress = running.probes[kind] ?? .init()
    progress.successes = succeeded ? progress.successes + 1 : 0
    progress.failures = succeeded ? 0 : progress.failures + 1
    containers[index].phase.update { $0.probes[kind] = progress }
    if !succeeded {
      actions.append(.recordEvent(.warning("Unhealthy", "\(kind.rawValue) probe failed: \(message)")))
    }
    let passed = progress.successes >= probe.successThreshold
    let failed = progress.failures >= probe.failureThreshold
    switch kind {
    case .startup where passed:
      containers[index].phase.update { $0.startupPassed = true }
      startupPassed(index, sinceStart: false, &actions)
      return
    case .readiness:
      if passed { containers[index].phase.update { $0.isReady = true } }
      if failed { containers[index].phase.update { $0.isReady = false } }
    case .startup, .liveness:
      guard failed else { break }
      let grace = probe.terminationGracePeriod ?? pod.spec.gracePeriod
      let what = kind.rawValue.lowercased()
      stopContainer(index, grace: grace, why: "it failed its \(what) probe, will be restarted", &actions)
      return
    }
    actions.append(.schedule(.probe(container: run.container, kind), after: probe.period))
  }
}

extension ContainerState.Phase {
  mutating func update(_ change: (inout ContainerState.Running) -> Void) {
    guard case .running(var running) = self else { return }
    change(&running)
    self = .running(running)
  }

  mutating func setStop(_ stop: ContainerState.Stop) { update { $0.stop = stop } }
}
