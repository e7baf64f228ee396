/// Legal transitions here: `preparing` and `active` to `stopping`, and `stopping` to `stopped`.
extension PodStateMachine {
  mutating func endRequested(
    _ cause: StopCause, grace: Duration, now: Moment, _ actions: inout [PodAction]
  ) {
    switch stage {
    case .preparing, .active:
      beginStopping(cause, grace: grace, now: now, &actions)
    case .stopping:
      // Asked while it was stopping already: a nearer end counts, a later one does not.
      let ends = now.monotonic + grace
      guard let graceEnds, ends < graceEnds else { return }
      setGrace(grace, now: now, &actions)
    case .stopped:
      actions.append(.finish)
    }
  }

  mutating func beginStopping(
    _ cause: StopCause, grace: Duration, now: Moment, _ actions: inout [PodAction]
  ) {
    stage = .stopping(cause)
    for index in containers.indices {
      let name = containers[index].spec.name
      switch containers[index].phase {
      case .idle:
        containers[index].phase = .finished
      case .backingOff:
        actions.append(.cancel(.restart(container: name)))
        containers[index].phase = .finished
      case .running(let running):
        for kind in [ProbeKind.startup, .liveness] where containers[index].spec.probe(kind) != nil {
          actions.append(.cancel(.probe(container: name, kind)))
        }
        actions.append(.cancel(.containerGrace(container: name)))
        guard running.stop == nil else { continue }
        actions.append(.recordEvent(.normal("Killing", "Stopping container \(name)")))
        if grace > .zero, containers[index].spec.hook(.preStop) != nil {
          containers[index].phase.setStop(.preStopHook)
          actions.append(.runHook(containers[index].run, .preStop))
        } else {
          containers[index].phase.setStop(.waitingForTurn)
        }
      case .starting, .finished:
        break
      }
    }
    if containers.contains(where: \.isLive) { setGrace(grace, now: now, &actions) }
  }

  private mutating func setGrace(_ grace: Duration, now: Moment, _ actions: inout [PodAction]) {
    graceEnds = now.monotonic + grace
    if grace > .zero {
      actions.append(.schedule(.podGrace, after: grace))
    } else {
      isOverdue = true
      killsAtOnce = true
      for index in containers.indices { kill(index, &actions) }
    }
  }

  /// The countdown is over. Main containers are killed; sidecars that had to wait for them get a last word.
  mutating func graceEnded(now: Moment, _ actions: inout [PodAction]) {
    guard case .stopping = stage else { return }
    let isSecondTime = isOverdue
    isOverdue = true
    var sidecarsWait = false
    for index in containers.indices {
      let hadItsSignal = containers[index].running?.stop == .signalled
      if isSecondTime || containers[index].role != .sidecar || hadItsSignal {
        kill(index, &actions)
      } else if containers[index].isLive {
        sidecarsWait = true
      }
    }
    if sidecarsWait { actions.append(.schedule(.podGrace, after: Self.lastWord)) }
  }

  mutating func advanceStopping(now: Moment, _ actions: inout [PodAction]) {
    guard case .stopping(let cause) = stage else { return }
    var othersLive = false
    for index in containers.indices where containers[index].role != .sidecar && containers[index].isLive {
      othersLive = true
      terminateInTurn(index, &actions)
    }
    if !othersLive, let last = containers.lastIndex(where: { $0.isLive }) {
      terminateInTurn(last, &actions)
      return
    }
    guard !othersLive else { return }
    stage = .stopped(cause)
    actions.append(.cancel(.podGrace))
    if pod.spec.activeDeadlineSeconds != nil { actions.append(.cancel(.activeDeadline)) }
    actions.append(.finish)
  }

  private mutating func terminateInTurn(_ index: Int, _ actions: inout [PodAction]) {
    guard let running = containers[index].running, let stop = running.stop else { return }
    if killsAtOnce || (isOverdue && containers[index].role != .sidecar) {
      kill(index, &actions)
    } else if stop == .waitingForTurn || (isOverdue && stop == .preStopHook) {
      terminate(index, &actions)
    }
  }

  /// Stops one container while the pod goes on; its exit then decides about a restart.
  mutating func stopContainer(_ index: Int, grace: Duration, why: String, _ actions: inout [PodAction]) {
    guard let running = containers[index].running, running.stop == nil else { return }
    let name = containers[index].spec.name
    for kind in [ProbeKind.startup, .liveness] where containers[index].spec.probe(kind) != nil {
      actions.append(.cancel(.probe(container: name, kind)))
    }
    actions.append(.recordEvent(.normal("Killing", "Container \(name): \(why)")))
    guard grace > .zero else {
      kill(index, &actions)
      return
    }
    actions.append(.schedule(.containerGrace(container: name), after: grace))
    if containers[index].spec.hook(.preStop) != nil {
      containers[index].phase.setStop(.preStopHook)
      actions.append(.runHook(containers[index].run, .preStop))
    } else {
      terminate(index, &actions)
    }
  }

  mutating func terminate(_ index: Int, _ actions: inout [PodAction]) {
    containers[index].phase.setStop(.signalled)
    actions.append(.signal(containers[index].run, .terminate))
  }

  mutating func kill(_ index: Int, _ actions: inout [PodAction]) {
    guard let running = containers[index].running, running.stop != .killed else { return }
    containers[index].phase.setStop(.killed)
    actions.append(.signal(containers[index].run, .kill))
  }
}
