package import KubernetesAPI

/// Why a pod has ended by itself, and what keeps the next one from it.
package struct PodEnding: Sendable, Hashable {
  package var pod: String
  package var message: String
  package var remedy: String

  package init(_ pod: KubernetesObject, statuses: [JSONValue]) {
    self.pod = pod.name
    let reason = pod["status", "reason"]?.stringValue ?? ""
    let detail = pod["status", "message"]?.stringValue.map { ": \(PodTrouble.shortened($0))" } ?? ""
    switch reason {
    case "":
      let failed = statuses.first { ($0[path: "state", "terminated", "exitCode"]?.intValue ?? 0) != 0 }
      let code = failed?[path: "state", "terminated", "exitCode"]?.intValue
      if let name = failed?["name"]?.stringValue, let code {
        message = "container \(name) ended with exit code \(code)"
        let words = failed?[path: "state", "terminated", "message"]?.stringValue
        if let words, !words.isEmpty { message += ": \(PodTrouble.shortened(words))" }
      } else {
        message = "its containers ended"
      }
      remedy = "a function host runs until it is stopped; see what the program does in the end"
    case "Evicted":
      message = "Evicted\(detail)"
      remedy = "ask for what the pods use, as resources.requests in spec.template, so that nodes have it to give"
    case "DeadlineExceeded":
      message = "DeadlineExceeded\(detail)"
      remedy = "remove activeDeadlineSeconds from spec.template"
    case "Terminated", "NodeShutdown", "NodeLost", "Shutdown":
      message = "\(reason)\(detail)"
      remedy = "nothing is to be done unless the node goes down again and again"
    case "UnexpectedAdmissionError", "OutOfcpu", "OutOfmemory", "OutOfpods", "NodeAffinity", "Preempting", "Preempted":
      message = "\(reason)\(detail)"
      remedy = "add nodes, ask for less in spec.template, or give the pods a higher priorityClassName"
    default:
      message = "\(PodTrouble.shortened(reason, to: 64))\(detail)"
      remedy = "see kubectl get events"
    }
  }
}
