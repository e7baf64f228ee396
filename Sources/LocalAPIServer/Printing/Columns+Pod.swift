import FoundationEssentials
import KubernetesAPI

extension Columns {
  static let pod: [Column] = [
    .name,
    Column(name: "Ready", description: "The ready containers of the pod, of all that should run.") { pod, _ in
      let summary = PodSummary(pod)
      return .string("\(summary.ready)/\(summary.total)")
    },
    Column(name: "Status", description: "The aggregate status of the containers in this pod.") { pod, _ in
      .string(PodSummary(pod).status)
    },
    Column(name: "Restarts", description: "How often containers were restarted, and when the last one was.") {
      pod, now in
      let summary = PodSummary(pod)
      guard summary.restarts > 0, let last = summary.lastRestart else { return .string(String(summary.restarts)) }
      return .string("\(summary.restarts) (\(HumanDuration.text(now.timeIntervalSince(last))) ago)")
    },
    .age,
    .text("IP", priority: 1) { $0[path: "status", "podIP"]?.stringValue },
    .text("Node", priority: 1) { $0[path: "spec", "nodeName"]?.stringValue },
    .text("Nominated Node", priority: 1) { $0[path: "status", "nominatedNodeName"]?.stringValue },
    .text("Readiness Gates", priority: 1) { _ in nil },
  ]
}

/// The line that `kubectl get pods` shows for a pod.
struct PodSummary {
  private(set) var ready = 0
  private(set) var total = 0
  private(set) var restarts = 0
  private(set) var lastRestart: Date?
  private(set) var status: String

  init(_ pod: JSONValue) {
    let spec = pod["spec"] ?? .emptyObject
    let inits = spec["initContainers"]?.arrayValue ?? []
    let sidecars = Set(
      inits.filter { $0["restartPolicy"]?.stringValue == "Always" }.compactMap { $0["name"]?.stringValue })
    total = (spec["containers"]?.arrayValue?.count ?? 0) + sidecars.count
    status = pod[path: "status", "reason"]?.stringValue ?? pod[path: "status", "phase"]?.stringValue ?? "Pending"
    let isInitializing = readInits(
      pod[path: "status", "initContainerStatuses"]?.arrayValue ?? [], count: inits.count, sidecars: sidecars)
    if !isInitializing { readContainers(pod) }
    if pod[path: "metadata", "deletionTimestamp"] != nil {
      status = pod[path: "status", "reason"]?.stringValue == "NodeLost" ? "Unknown" : "Terminating"
    }
  }

  private mutating func readInits(_ statuses: [JSONValue], count: Int, sidecars: Set<String>) -> Bool {
    for (index, container) in statuses.enumerated() {
      note(container)
      let isSidecar = sidecars.contains(container["name"]?.stringValue ?? "")
      if container[path: "state", "terminated", "exitCode"]?.intValue == 0, !isSidecar { continue }
      if isSidecar, container["started"]?.boolValue == true {
        if container["ready"]?.boolValue == true { ready += 1 }
        continue
      }
      if let terminated = container[path: "state", "terminated"] {
        status = "Init:" + Self.reason(ofTerminated: terminated)
      } else if let reason = container[path: "state", "waiting", "reason"]?.stringValue, !reason.isEmpty,
        reason != "PodInitializing"
      {
        status = "Init:" + reason
      } else {
        status = "Init:\(index)/\(count)"
      }
      return true
    }
    return false
  }

  private mutating func readContainers(_ pod: JSONValue) {
    var hasRunning = false
    for container in (pod[path: "status", "containerStatuses"]?.arrayValue ?? []).reversed() {
      note(container)
      if let reason = container[path: "state", "waiting", "reason"]?.stringValue, !reason.isEmpty {
        status = reason
      } else if let terminated = container[path: "state", "terminated"] {
        status = Self.reason(ofTerminated: terminated)
      } else if container["ready"]?.boolValue == true, container[path: "state", "running"] != nil {
        hasRunning = true
        ready += 1
      }
    }
    if status == "Completed", hasRunning {
      status = Columns.condition("Ready", of: pod)?["status"]?.stringValue == "True" ? "Running" : "NotReady"
    }
  }

  private mutating func note(_ container: JSONValue) {
    restarts += container["restartCount"]?.intValue ?? 0
    if let text = container[path: "lastState", "terminated", "finishedAt"]?.stringValue,
      let date = Timestamps.parse(text)
    {
      lastRestart = max(lastRestart ?? date, date)
    }
  }

  private static func reason(ofTerminated terminated: JSONValue) -> String {
    if let reason = terminated["reason"]?.stringValue, !reason.isEmpty { return reason }
    if let signal = terminated["signal"]?.intValue, signal != 0 { return "Signal:\(signal)" }
    return "ExitCode:\(terminated["exitCode"]?.intValue ?? 0)"
  }
}
