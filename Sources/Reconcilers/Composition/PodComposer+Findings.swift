package import Dataflow
package import KubernetesAPI

extension PodComposer {
  /// What is wrong with a template before any API server is asked: names that are reserved, and settings under which an
  /// executor pod cannot work.
  package static func findings(in workflow: KubernetesObject) -> [Finding] {
    var findings: [Finding] = []
    func report(_ field: String, _ message: String, _ remedy: String) {
      findings.append(
        Finding(
          resource: "Workflow/\(workflow.name)", field: "spec.template.\(field)", message: message, remedy: remedy))
    }
    let spec = workflow["spec", "template", "spec"] ?? .emptyObject
    if (spec["containers"]?.arrayValue ?? []).isEmpty {
      report("spec.containers", "a pod has at least one container", "add the container that hosts the functions")
    }
    for list in ["initContainers", "containers", "volumes", "ephemeralContainers"] {
      for (index, entry) in (spec[list]?.arrayValue ?? []).enumerated() {
        let name = entry["name"]?.stringValue ?? ""
        if name.hasPrefix("pheromone") {
          report(
            "spec.\(list)[\(index)].name", "names that begin with pheromone are reserved, and \"\(name)\" does",
            "give it another name")
        }
      }
    }
    for (index, container) in (spec["containers"]?.arrayValue ?? []).enumerated() {
      let field = "spec.containers[\(index)]"
      for (position, port) in (container["ports"]?.arrayValue ?? []).enumerated()
      where port["containerPort"]?.intValue == Self.port {
        report("\(field).ports[\(position)]", "port \(Self.port) of the pod is the sidecar's", "listen on another port")
      }
      for (position, mount) in (container["volumeMounts"]?.arrayValue ?? []).enumerated()
      where mount["mountPath"]?.stringValue.map(Self.coversSocket) == true {
        report(
          "\(field).volumeMounts[\(position)].mountPath",
          "the mount hides the sidecar's socket in \(Self.socketFolder)",
          "mount it elsewhere")
      }
      for (position, variable) in (container["env"]?.arrayValue ?? []).enumerated()
      where Self.ownVariables.contains(variable["name"]?.stringValue ?? "") {
        report(
          "\(field).env[\(position)].name", "\(variable["name"]?.stringValue ?? "") is set by the controller",
          "remove it")
      }
    }
    if let policy = spec["restartPolicy"]?.stringValue, policy != "Always" {
      report("spec.restartPolicy", "executor pods run until they are deleted", "leave it out or write Always")
    }
    if let grace = spec["terminationGracePeriodSeconds"]?.intValue, grace < 0 {
      report("spec.terminationGracePeriodSeconds", "the grace period is negative", "write seconds, such as 60")
    }
    return findings
  }

  private static let ownVariables: Set<String> = ["PHEROMONE_SOCKET", "PHEROMONE_EXECUTORS", "PHEROMONE_CONTAINER"]

  private static func coversSocket(_ path: String) -> Bool {
    let trimmed = path.hasSuffix("/") ? String(path.dropLast()) : path
    return ["", "/var", "/var/run", socketFolder].contains(trimmed) || trimmed.hasPrefix(socketFolder + "/")
  }
}
