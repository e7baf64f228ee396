import KubernetesAPI

/// Why a pod does not come up, in words that a person can act on. Of several reasons the one that is least likely to
/// go away by itself counts.
package struct PodTrouble: Sendable, Hashable {
  package enum Kind: Int, Sendable, Comparable {
    case notReady
    case unschedulable
    case functionsMissing
    case crashLoop
    case containerConfig
    case imagePull

    package static func < (one: Kind, other: Kind) -> Bool { one.rawValue < other.rawValue }

    /// The reason of the condition that reports it.
    package var reason: String {
      switch self {
      case .notReady: "NotReady"
      case .unschedulable: "Unschedulable"
      case .functionsMissing: "FunctionsMissing"
      case .crashLoop: "CrashLoop"
      case .containerConfig: "ContainerConfigError"
      case .imagePull: "ImagePullFailed"
      }
    }
  }

  package var kind: Kind
  package var message: String

  package init(kind: Kind, message: String) {
    self.kind = kind
    self.message = message
  }

  /// Nil for a pod that is on its way or well.
  init?(pod: String, conditions: [JSONValue], statuses: [JSONValue]) {
    let troubles =
      statuses.compactMap { Self(containerStatus: $0, pod: pod) } + conditions.compactMap(Self.init(podCondition:))
    guard let worst = troubles.max(by: { $0.kind < $1.kind }) else { return nil }
    self = worst
  }

  /// What a sidecar answered when it was asked why it is not ready.
  package init(unreadiness answer: String) {
    let text = Self.shortened(answer, to: 512)
    if answer.lowercased().contains("function") {
      self.init(
        kind: .functionsMissing,
        message: "it is not ready: \(text); register the functions in the program that the image runs, under these "
          + "names, or remove them from spec.functions")
    } else {
      self.init(kind: .notReady, message: "it is not ready: \(text.isEmpty ? "its sidecar does not say why" : text)")
    }
  }

  private init?(containerStatus status: JSONValue, pod: String) {
    let name = status["name"]?.stringValue ?? "?"
    guard let waiting = status[path: "state", "waiting"], let reason = waiting["reason"]?.stringValue else {
      return nil
    }
    let detail = waiting["message"]?.stringValue.map { ": \(Self.shortened($0))" } ?? ""
    switch reason {
    case "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable":
      let image = status["image"]?.stringValue ?? "?"
      self.init(
        kind: .imagePull,
        message: "container \(name) cannot get its image \(image) (\(reason)\(detail)); check the name in "
          + "spec.template, and imagePullSecrets for a private registry")
    case "CreateContainerConfigError", "CreateContainerError", "RunContainerError", "PreCreateHookError":
      self.init(
        kind: .containerConfig,
        message:
          "container \(name) cannot be started (\(reason)\(detail)); check what spec.template refers to, and the "
          + "user that the image runs as")
    case "CrashLoopBackOff":
      let restarts = status["restartCount"]?.intValue ?? 0
      let said = Self.runtimeMessage(of: status).map { ": \($0)" } ?? ""
      // Without a restart there is no log of a run before.
      self.init(
        kind: .crashLoop,
        message: restarts == 0
          ? "container \(name) does not start\(said); see its log: kubectl logs \(pod) -c \(name)"
          : "container \(name) ends again and again (\(restarts) restarts, last \(Self.lastEnd(of: status))\(said)); see "
            + "its log: kubectl logs --previous \(pod) -c \(name)")
    default: return nil
    }
  }

  private init?(podCondition condition: JSONValue) {
    guard condition["type"]?.stringValue == "PodScheduled", condition["status"]?.stringValue == "False",
      condition["reason"]?.stringValue == "Unschedulable"
    else { return nil }
    let detail = Self.shortened(condition["message"]?.stringValue ?? "no node has room for it")
    self.init(
      kind: .unschedulable,
      message: "no node takes the pod (\(detail)); add nodes, or ask for less in spec.template or spec.sharedMemory")
  }

  /// Why a container's program could not be run. That the next start waits, which a kubelet writes in its place, is
  /// nothing new.
  private static func runtimeMessage(of status: JSONValue) -> String? {
    let messages = [status[path: "lastState", "terminated", "message"], status[path: "state", "waiting", "message"]]
    return messages.compactMap { $0?.stringValue }.first { !$0.isEmpty && !$0.hasPrefix("back-off ") }.map {
      shortened($0)
    }
  }

  private static func lastEnd(of status: JSONValue) -> String {
    guard let last = status[path: "lastState", "terminated"] else { return "end unknown" }
    if let signal = last["signal"]?.intValue, signal > 0 { return "by signal \(signal)" }
    let code = last["exitCode"]?.intValue.map { "with exit code \($0)" } ?? "without exit code"
    return last["reason"]?.stringValue == "OOMKilled" ? "out of memory" : code
  }

  /// What others wrote is cut and kept on one line, since it goes into a condition.
  static func shortened(_ text: String, to limit: Int = 256) -> String {
    let line = String(
      String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? " " : $0 }))
    return line.count <= limit ? line : line.prefix(limit) + "…"
  }
}
