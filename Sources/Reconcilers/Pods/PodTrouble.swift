package import FoundationEssentials
import KubernetesAPI

/// What is wrong with a pod, since when, and what to do, in words that a person can act on. Of several troubles the one
/// that is least likely to go away by itself counts.
package struct PodTrouble: Sendable, Hashable {
  package enum Kind: Int, Sendable, Comparable {
    case notReady
    case unschedulable
    case functionsMissing
    case crashLoop
    case outOfMemory
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
      case .outOfMemory: "OutOfMemory"
      case .containerConfig: "ContainerConfigError"
      case .imagePull: "ImagePullFailed"
      }
    }
  }

  package var kind: Kind
  package var message: String
  /// When it will be over if nothing happens until then; nil for what does not pass by itself.
  package var until: Date?

  package init(kind: Kind, message: String, until: Date? = nil) {
    self.kind = kind
    self.message = message
    self.until = until
  }

  /// Nil for a pod that is on its way or well.
  init?(pod: String, conditions: [JSONValue], statuses: [JSONValue], now: Date) {
    let scheduled = conditions.first { $0["type"]?.stringValue == "PodScheduled" }
    let since = scheduled?["lastTransitionTime"]?.stringValue
    var troubles = statuses.compactMap {
      Self(waiting: $0, since: since) ?? Self(ends: ContainerEnds($0, pod: pod), now: now)
    }
    if let scheduled, let trouble = Self(scheduling: scheduled) { troubles.append(trouble) }
    guard let worst = troubles.max(by: { $0.kind < $1.kind }) else { return nil }
    self = worst
  }

  /// What a sidecar answered when it was asked why it is not ready.
  package init(unreadiness answer: String, since: Date? = nil) {
    let text = Self.shortened(answer, to: 512)
    let time = since.map { " since \(Timestamp.format($0))" } ?? ""
    if answer.lowercased().contains("function") {
      self.init(
        kind: .functionsMissing,
        message: "it is not ready\(time): \(text); register the functions in the program that the image runs, under "
          + "these names, or remove them from spec.functions")
    } else {
      self.init(
        kind: .notReady,
        message: "it is not ready\(time): \(text.isEmpty ? "its sidecar does not say why" : text); if it stays so, see "
          + "whether pheromone-coordinator runs and whether a NetworkPolicy keeps the pod from it")
    }
  }

  /// A container that waits for something other than its next start.
  private init?(waiting status: JSONValue, since: String?) {
    let name = status["name"]?.stringValue ?? "?"
    guard let waiting = status[path: "state", "waiting"], let reason = waiting["reason"]?.stringValue else {
      return nil
    }
    let detail = waiting["message"]?.stringValue.map { ": \(Self.shortened($0))" } ?? ""
    let time = since.map { ", since \($0)" } ?? ""
    switch reason {
    case "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable",
      "ImageInspectError", "SignatureValidationFailed":
      let image = status["image"]?.stringValue ?? "?"
      self.init(
        kind: .imagePull,
        message: "container \(name) cannot get its image \(image) (\(reason)\(detail)\(time)); check the name in "
          + "spec.template, and imagePullSecrets for a private registry")
    case "CreateContainerConfigError", "CreateContainerError", "RunContainerError", "PreCreateHookError",
      "PreStartHookError", "PostStartHookError":
      self.init(
        kind: .containerConfig,
        message:
          "container \(name) cannot be started (\(reason)\(detail)\(time)); check what spec.template refers to, and the "
          + "user that the image runs as")
    default: return nil
    }
  }

  private init?(scheduling condition: JSONValue) {
    guard condition["status"]?.stringValue == "False", condition["reason"]?.stringValue == "Unschedulable" else {
      return nil
    }
    let detail = Self.shortened(condition["message"]?.stringValue ?? "no node has room for it")
    let time = condition["lastTransitionTime"]?.stringValue.map { ", since \($0)" } ?? ""
    self.init(
      kind: .unschedulable,
      message: "no node takes the pod (\(detail)\(time)); add nodes, or ask for less in spec.template or "
        + "spec.sharedMemory")
  }

  /// What others wrote is cut and kept on one line, since it goes into a condition.
  static func shortened(_ text: String, to limit: Int = 256) -> String {
    let line = oneLine(text)
    return line.count <= limit ? line : line.prefix(limit) + "…"
  }

  static func oneLine(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? " " : $0 }))
  }
}
