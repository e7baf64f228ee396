/// What is known of one container of a pod.
///
///     idle ──start──> starting ──> running ──exit──> idle (at once), backingOff (a timer, then idle) or finished
///                        └── could not be started ──> backingOff
package struct ContainerState: Sendable, Hashable {
  package enum Role: Sendable, Hashable { case initializer, sidecar, main }

  package enum Phase: Sendable, Hashable {
    /// Nothing keeps it from being started but its turn.
    case idle
    case starting
    case running(Running)
    case backingOff(reason: String, message: String)
    /// It will not be started again.
    case finished
  }

  package struct Running: Sendable, Hashable {
    package var pid: Int32
    package var startedAt: Moment
    package var postStartDone: Bool
    package var startupPassed: Bool
    package var isReady: Bool
    package var probes: [ProbeKind: ProbeProgress] = [:]
    package var stop: Stop?
  }

  /// How far the stopping of a running container is.
  package enum Stop: Sendable, Hashable {
    case preStopHook
    /// The hook is done, or there was none, and its turn to get the signal has not come.
    case waitingForTurn
    case signalled
    case killed
  }

  package struct ProbeProgress: Sendable, Hashable {
    package var successes = 0
    package var failures = 0
  }

  package struct Termination: Sendable, Hashable {
    package var exit: ProcessExit
    package var reason: String
    package var message: String?
    package var startedAt: Moment
    package var finishedAt: Moment
    package var attempt: Int
  }

  package let spec: ContainerSpecification
  package let role: Role
  package var phase = Phase.idle
  /// The number of the current or the next start.
  package var attempt = 0
  /// Starts that failed or ended since the back-off was last reset.
  package var failures = 0
  package var pullFailures = 0
  package var lastTermination: Termination?
  /// For a sidecar: it has been up once, so that what comes after it need not wait again.
  package var hasBeenUp = false

  package var running: Running? { if case .running(let running) = phase { running } else { nil } }
  /// Has a process, or is about to have one.
  package var isLive: Bool {
    switch phase {
    case .starting, .running: true
    case .idle, .backingOff, .finished: false
    }
  }
  package var run: ContainerRun { ContainerRun(container: spec.name, attempt: attempt) }
  /// As `status.containerStatuses[].started`: the post-start hook and the startup probe are through.
  package var isStarted: Bool { running.map { $0.postStartDone && $0.startupPassed } ?? false }
  package var isReady: Bool { isStarted && running?.isReady == true }
  package var hasSucceeded: Bool { phase == .finished && lastTermination?.exit == .exited(code: 0) }
}
