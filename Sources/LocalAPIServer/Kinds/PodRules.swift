import KubernetesAPI

/// What a real API server fills into pods, refuses about them, and does not let change.
enum PodRules {
  static let rules: KindRules = {
    var rules = KindRules()
    rules.zero = ["metadata": [:], "spec": ["containers": []], "status": [:]]
    rules.defaults = defaults
    rules.admit = { pod, _ in admit(&pod) }
    rules.complete = tolerate
    rules.validate = { pod, old in
      if let old { return updateProblems(pod, old: old) }
      return PodValidation.problems(in: pod["spec"] ?? .emptyObject)
    }
    return rules
  }()

  static let containerLists = ["initContainers", "containers", "ephemeralContainers"]

  // MARK: - Defaults

  private static func defaults(_ pod: inout JSONValue) {
    guard var spec = pod["spec"] else { return }
    func fill(_ field: String, _ value: JSONValue) { if spec[field] == nil { spec[field] = value } }
    fill("restartPolicy", "Always")
    fill("terminationGracePeriodSeconds", 30)
    fill("dnsPolicy", "ClusterFirst")
    fill("securityContext", [:])
    fill("schedulerName", "default-scheduler")
    fill("enableServiceLinks", true)
    if let account = spec["serviceAccountName"] { fill("serviceAccount", account) }
    for list in containerLists {
      guard let containers = spec[list]?.arrayValue else { continue }
      spec[list] = .array(containers.map(completed))
    }
    if let volumes = spec["volumes"]?.arrayValue { spec["volumes"] = .array(volumes.map(completedVolume)) }
    pod["spec"] = spec
    if let address = pod[path: "status", "podIP"], pod[path: "status", "podIPs"]?[0]?["ip"] != address {
      pod[path: "status", "podIPs"] = [["ip": address]]
    }
  }

  private static func completed(_ container: JSONValue) -> JSONValue {
    var container = container
    func fill(_ field: String, _ value: JSONValue) { if container[field] == nil { container[field] = value } }
    fill("resources", [:])
    fill("terminationMessagePath", "/dev/termination-log")
    fill("terminationMessagePolicy", "File")
    fill("imagePullPolicy", isLatest(container["image"]?.stringValue ?? "") ? "Always" : "IfNotPresent")
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
      guard var fields = container[probe] else { continue }
      let defaults: [(String, JSONValue)] = [
        ("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3),
      ]
      for (field, value) in defaults where fields[field] == nil { fields[field] = value }
      if fields["httpGet"] != nil { complete(httpGet: &fields) }
      container[probe] = fields
    }
    for hook in ["postStart", "preStop"] {
      guard var action = container[path: "lifecycle", hook], action["httpGet"] != nil else { continue }
      complete(httpGet: &action)
      container[path: "lifecycle", hook] = action
    }
    if let ports = container["ports"]?.arrayValue {
      container["ports"] = .array(
        ports.map { port in
          var port = port
          if port["protocol"] == nil { port["protocol"] = "TCP" }
          return port
        })
    }
    if let environment = container["env"]?.arrayValue {
      container["env"] = .array(
        environment.map { variable in
          var variable = variable
          if variable[path: "valueFrom", "fieldRef"] != nil,
            variable[path: "valueFrom", "fieldRef", "apiVersion"] == nil
          {
            variable[path: "valueFrom", "fieldRef", "apiVersion"] = "v1"
          }
          return variable
        })
    }
    return container
  }

  private static func complete(httpGet action: inout JSONValue) {
    if action[path: "httpGet", "scheme"] == nil { action[path: "httpGet", "scheme"] = "HTTP" }
    if action[path: "httpGet", "path"] == nil { action[path: "httpGet", "path"] = "/" }
  }

  private static func completedVolume(_ volume: JSONValue) -> JSONValue {
    var volume = volume
    for source in ["configMap", "secret", "projected", "downwardAPI"]
    where volume[source] != nil && volume[path: source, "defaultMode"] == nil {
      volume[path: source, "defaultMode"] = 420
    }
    if let members = volume.objectValue, members.count == 1 { volume["emptyDir"] = [:] }
    return volume
  }

  private static func isLatest(_ image: String) -> Bool {
    let last = image.split(separator: "/").last ?? ""
    if last.contains("@") { return false }
    guard let colon = last.firstIndex(of: ":") else { return true }
    return last[last.index(after: colon)...] == "latest"
  }

  // MARK: - Admission

  private static func admit(_ pod: inout JSONValue) {
    if pod[path: "spec", "serviceAccountName"] == nil {
      pod[path: "spec", "serviceAccountName"] = "default"
      pod[path: "spec", "serviceAccount"] = "default"
    }
    if pod[path: "spec", "priority"] == nil { pod[path: "spec", "priority"] = 0 }
    if pod[path: "spec", "preemptionPolicy"] == nil { pod[path: "spec", "preemptionPolicy"] = "PreemptLowerPriority" }
    pod["status"] = ["phase": "Pending", "qosClass": .string(quality(of: pod))]
  }

  /// A pod stays for five minutes on a node that is in trouble, unless it says otherwise.
  private static func tolerate(_ pod: inout JSONValue) {
    var tolerations = pod[path: "spec", "tolerations"]?.arrayValue ?? []
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]
    where !tolerations.contains(where: { $0["key"]?.stringValue == key }) {
      tolerations.append([
        "key": .string(key), "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300,
      ])
    }
    pod[path: "spec", "tolerations"] = .array(tolerations)
  }

  private static func quality(of pod: JSONValue) -> String {
    let containers = ["initContainers", "containers"].flatMap { pod[path: "spec", $0]?.arrayValue ?? [] }
    let resources = containers.map { $0["resources"] ?? .emptyObject }
    if resources.allSatisfy({ ($0["requests"] ?? $0["limits"]) == nil }) { return "BestEffort" }
    let isGuaranteed = resources.allSatisfy { resource in
      ["cpu", "memory"].allSatisfy { name in
        guard let limit = resource[path: "limits", name] else { return false }
        return resource[path: "requests", name].map { $0 == limit } ?? true
      }
    }
    return isGuaranteed ? "Guaranteed" : "Burstable"
  }

  // MARK: - Validation

  /// All but images, `activeDeadlineSeconds`, added tolerations and the first `nodeName` stays as it was created.
  private static func updateProblems(_ pod: JSONValue, old: JSONValue) -> [FieldError] {
    func frozen(_ pod: JSONValue) -> JSONValue {
      var spec = pod["spec"] ?? .emptyObject
      for list in containerLists {
        guard let containers = spec[list]?.arrayValue else { continue }
        spec[list] = .array(
          containers.map { container in
            var container = container
            container["image"] = nil
            return container
          })
      }
      spec["activeDeadlineSeconds"] = nil
      spec["tolerations"] = nil
      if old[path: "spec", "nodeName"] == nil { spec["nodeName"] = nil }
      return spec
    }
    let kept = Set(pod[path: "spec", "tolerations"]?.arrayValue ?? [])
    let addsOnly = (old[path: "spec", "tolerations"]?.arrayValue ?? []).allSatisfy(kept.contains)
    let before = frozen(old)
    let after = frozen(pod)
    guard before != after || !addsOnly else { return [] }
    let names = Set((before.objectValue ?? [:]).keys).union((after.objectValue ?? [:]).keys)
    let changed = names.filter { before[$0] != after[$0] }.sorted() + (addsOnly ? [] : ["tolerations"])
    return [
      .forbidden(
        "spec",
        "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\nchanged: "
          + changed.map { "spec.\($0)" }.joined(separator: ", "))
    ]
  }
}
