import FoundationEssentials
import KubernetesAPI

/// How often a container has ended, how the last time, and what it said.
struct ContainerEnds {
  private let pod: String
  private let name: String
  private let restarts: Int
  /// The latest end, be it that it has not been started again yet or that it has.
  private let last: JSONValue?
  private let startedAgain: Date?
  private let isBackingOff: Bool
  private let waitingMessage: String?

  init(_ status: JSONValue, pod: String) {
    self.pod = pod
    name = status["name"]?.stringValue ?? "?"
    restarts = status["restartCount"]?.intValue ?? 0
    last = status[path: "state", "terminated"] ?? status[path: "lastState", "terminated"]
    startedAgain = status[path: "state", "running", "startedAt"]?.stringValue.flatMap(Timestamp.parse)
    isBackingOff = status[path: "state", "waiting", "reason"]?.stringValue == "CrashLoopBackOff"
    waitingMessage = status[path: "state", "waiting", "message"]?.stringValue
  }

  /// A container that was out of memory a short while ago will be again, as a rule. After this it is said no more.
  private static let memoryOfWant: TimeInterval = 600
  /// A container that goes on for this long after it has been started again is out of its loop.
  private static let settlingTime: TimeInterval = 60

  /// When a lack of memory is past. Nil where there was none.
  var wantEnds: Date? {
    guard last?["reason"]?.stringValue == "OOMKilled" else { return nil }
    return (endedAt ?? startedAgain)?.addingTimeInterval(Self.memoryOfWant)
  }

  var wasOutOfMemory: Bool { last?["reason"]?.stringValue == "OOMKilled" }

  /// Whether it ends again and again: it waits for its next start, or has been started again a moment ago and not for the
  /// first time. The latter keeps the condition as it is over the short runs in between.
  func isLooping(now: Date) -> Bool {
    if isBackingOff { return true }
    guard restarts >= 2, last != nil else { return false }
    return loopEnds.map { now < $0 } ?? (startedAgain == nil)
  }

  /// When it counts as well again. Nil while it does not run.
  var loopEnds: Date? { isBackingOff ? nil : startedAgain?.addingTimeInterval(Self.settlingTime) }
  var isRunning: Bool { startedAgain != nil }

  private var endedAt: Date? { last?["finishedAt"]?.stringValue.flatMap(Timestamp.parse) }
  private var time: String { last?["finishedAt"]?.stringValue.map { " at \($0)" } ?? "" }

  // MARK: - Words

  var memoryMessage: String {
    let field =
      name == PodComposer.sidecarName
      ? "spec.sidecar.resources.limits.memory" : "resources.limits.memory of the container in spec.template"
    let count = restarts == 1 ? "1 restart" : "\(restarts) restarts"
    return
      "container \(name) was killed\(time) because it used more memory than its limit (\(count)); raise \(field), or "
      + "let it use less" + (isRunning ? "; it runs again" : "")
  }

  var loopMessage: String {
    if let failure = startFailure {
      return
        "container \(name) does not start\(failure.isEmpty ? "" : ": \(failure)"); check its command and its image "
        + "in spec.template; see its log: kubectl logs \(pod) -c \(name)"
    }
    return
      "container \(name) ends again and again (\(restarts) restarts, last \(manner)\(time))\(lastWords); correct the "
      + "program or what it is given in spec.template; see its log: kubectl logs --previous \(pod) -c \(name)"
  }

  private var manner: String {
    guard let last else { return "end unknown" }
    if let signal = last["signal"]?.intValue, signal > 0 { return "by signal \(signal)" }
    return last["exitCode"]?.intValue.map { "with exit code \($0)" } ?? "without exit code"
  }

  /// What the runtime says of a program that cannot be run; nil if the program has run. Without a restart there is no log
  /// of a run before. That the next start waits, which a kubelet writes in place of a reason, is nothing new.
  private var startFailure: String? {
    let isRefused = ["StartError", "ContainerCannotRun"].contains(last?["reason"]?.stringValue)
    guard isRefused || restarts == 0 else { return nil }
    return [last?["message"]?.stringValue, waitingMessage].compactMap { $0 }
      .first { !$0.isEmpty && !$0.hasPrefix("back-off ") }.map { PodTrouble.shortened($0) } ?? ""
  }

  /// The last lines of its log, as far as the pod's status has them.
  private var lastWords: String {
    let lines = (last?["message"]?.stringValue ?? "").split(whereSeparator: \.isNewline)
      .map { PodTrouble.oneLine(String($0)).split(separator: " ").joined(separator: " ") }.filter { !$0.isEmpty }
    guard !lines.isEmpty else { return "" }
    let text = lines.suffix(3).joined(separator: " | ")
    return "; its last words: \(text.count <= 512 ? text : "…" + text.suffix(512))"
  }
}

extension PodTrouble {
  /// A container that has ended in a way that says something.
  init?(ends: ContainerEnds, now: Date) {
    if ends.wasOutOfMemory, !ends.isRunning || ends.wantEnds.map({ now < $0 }) == true {
      self.init(kind: .outOfMemory, message: ends.memoryMessage, until: ends.isRunning ? ends.wantEnds : nil)
    } else if ends.isLooping(now: now) {
      self.init(kind: .crashLoop, message: ends.loopMessage, until: ends.loopEnds)
    } else {
      return nil
    }
  }
}
