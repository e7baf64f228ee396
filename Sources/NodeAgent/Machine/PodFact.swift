/// One start of one container. Facts about an earlier start are told apart by `attempt`.
package struct ContainerRun: Sendable, Hashable {
  package var container: String
  /// Counts from zero; equals the restart count that the status shows.
  package var attempt: Int

  package init(container: String, attempt: Int) {
    self.container = container
    self.attempt = attempt
  }
}

/// Something that has happened to a pod: the input of ``PodStateMachine``.
package enum PodFact: Sendable, Hashable {
  case volumesReady
  case volumesFailed(message: String)
  case containerStarted(ContainerRun, pid: Int32)
  case containerStartFailed(ContainerRun, StartFailure)
  /// With the end of what it has printed.
  case containerExited(ContainerRun, ProcessExit, said: String = "")
  case probeFinished(ContainerRun, ProbeKind, succeeded: Bool, message: String)
  case hookFinished(ContainerRun, HookKind, succeeded: Bool, message: String)
  case timerFired(PodTimer)
  /// The pod is to go. A shorter grace replaces a longer one; zero kills at once.
  case deletionRequested(grace: Duration)
  /// The node goes down. The pod is stopped, and what is left of it in the API says why.
  case nodeShutdownBegan(grace: Duration)
}

/// Why a container could not be started, in the words of `state.waiting`.
package struct StartFailure: Sendable, Hashable, Error {
  package var reason: Reason
  package var message: String

  package enum Reason: String, Sendable, Hashable {
    case imagePull = "ErrImagePull"
    case configuration = "CreateContainerConfigError"
    case run = "RunContainerError"
  }

  package init(_ reason: Reason, _ message: String) {
    self.reason = reason
    self.message = message
  }
}

/// How a process ended.
package enum ProcessExit: Sendable, Hashable {
  case exited(code: Int32)
  case signalled(signal: Int32)

  /// As a shell and a kubelet count it: 128 and the signal's number for a killed one.
  package var code: Int {
    switch self {
    case .exited(let code): Int(code)
    case .signalled(let signal): 128 + Int(signal)
    }
  }

  package var signal: Int32? { if case .signalled(let signal) = self { signal } else { nil } }
}

/// What a pod may wait for. Scheduling one that is scheduled already replaces it.
package enum PodTimer: Sendable, Hashable {
  case volumes
  case restart(container: String)
  case probe(container: String, ProbeKind)
  /// The end of the grace of one container that is stopped on its own, as after a failed liveness probe.
  case containerGrace(container: String)
  /// The end of the pod's grace.
  case podGrace
  case activeDeadline
}
