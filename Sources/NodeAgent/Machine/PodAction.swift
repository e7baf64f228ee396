/// Something to be done for a pod: the output of ``PodStateMachine``.
package enum PodAction: Sendable, Hashable {
  case prepareVolumes
  case startContainer(ContainerRun)
  case signal(ContainerRun, StopSignal)
  case runHook(ContainerRun, HookKind)
  case runProbe(ContainerRun, ProbeKind)
  case schedule(PodTimer, after: Duration)
  case cancel(PodTimer)
  case recordEvent(PodEvent)
  /// The status differs from the last one that was reported.
  case reportStatus
  /// No process is left. A pod that is being deleted is now removed from the API; another one stays for people to see,
  /// also when its node goes down.
  case finish
}

package enum StopSignal: Sendable, Hashable {
  case terminate
  case kill
}

package struct PodEvent: Sendable, Hashable {
  package var isWarning: Bool
  package var reason: String
  package var message: String

  package static func normal(_ reason: String, _ message: String) -> PodEvent {
    PodEvent(isWarning: false, reason: reason, message: message)
  }

  package static func warning(_ reason: String, _ message: String) -> PodEvent {
    PodEvent(isWarning: true, reason: reason, message: message)
  }
}
