import Foundation
import KubernetesAPI
import NodeAgent

/// Drives a machine with facts and keeps what it asked for, on a clock of its own.
struct PodScript {
  var machine: PodStateMachine
  var now = Moment(monotonic: .zero, wall: Date(timeIntervalSince1970: 1_000_000_000))
  var actions: [PodAction] = []
  private var nextPID: Int32 = 100

  init(_ spec: PodSpecification, backOff: RestartBackOff = RestartBackOff()) {
    let pod = PodDescription(key: ObjectKey(namespace: "default", name: "p"), uid: "u1", spec: spec)
    machine = PodStateMachine(pod, backOff: backOff, now: now)
    actions = machine.begin(now: now)
  }

  /// Takes a fact in and returns what followed from it.
  @discardableResult
  mutating func tell(_ fact: PodFact, after delay: Duration = .zero) -> [PodAction] {
    now = now.advanced(by: delay)
    actions = machine.apply(fact, now: now)
    return actions
  }

  /// Tells that the container that was to be started has been.
  @discardableResult
  mutating func started(_ name: String, attempt: Int = 0) -> [PodAction] {
    nextPID += 1
    return tell(.containerStarted(run(name, attempt), pid: nextPID))
  }

  @discardableResult
  mutating func exited(_ name: String, _ code: Int32, attempt: Int = 0, after delay: Duration = .zero) -> [PodAction] {
    tell(.containerExited(run(name, attempt), .exited(code: code)), after: delay)
  }

  @discardableResult
  mutating func probe(_ name: String, _ kind: ProbeKind, _ succeeded: Bool, attempt: Int = 0) -> [PodAction] {
    tell(.probeFinished(run(name, attempt), kind, succeeded: succeeded, message: "m"))
  }

  func run(_ name: String, _ attempt: Int = 0) -> ContainerRun { ContainerRun(container: name, attempt: attempt) }

  /// What the last fact led to, without reports and events: the part that a test of order looks at.
  var moves: [PodAction] {
    actions.filter { action in
      switch action {
      case .reportStatus, .recordEvent: false
      default: true
      }
    }
  }

  var starts: [String] {
    actions.compactMap { if case .startContainer(let run) = $0 { run.container } else { nil } }
  }

  var signals: [String] {
    actions.compactMap { action in
      guard case .signal(let run, let signal) = action else { return nil }
      return "\(run.container) \(signal)"
    }
  }

  var eventReasons: [String] {
    actions.compactMap { if case .recordEvent(let event) = $0 { event.reason } else { nil } }
  }

  func condition(_ type: String) -> String? {
    machine.lastReport?.conditions.first { $0["type"]?.stringValue == type }?["status"]?.stringValue
  }

  /// The status of a container as JSON.
  func status(_ name: String) -> JSONValue? {
    guard let report = machine.lastReport else { return nil }
    return (report.initContainerStatuses + report.containerStatuses).first { $0["name"]?.stringValue == name }
  }

  func waitingReason(_ name: String) -> String? { status(name)?[path: "state", "waiting", "reason"]?.stringValue }
}

extension ContainerSpecification {
  static func named(_ name: String, _ change: (inout ContainerSpecification) -> Void = { _ in }) -> Self {
    var container = ContainerSpecification(name: name, image: "i")
    change(&container)
    return container
  }

  static func sidecar(_ name: String, _ change: (inout ContainerSpecification) -> Void = { _ in }) -> Self {
    var container = named(name, change)
    container.restartPolicy = "Always"
    return container
  }
}

extension ProbeSpecification {
  static func every(_ seconds: Int, failures: Int = 3) -> Self {
    ProbeSpecification(
      action: HookSpecification(exec: .init(command: ["true"])), period: .seconds(seconds), failureThreshold: failures)
  }
}
