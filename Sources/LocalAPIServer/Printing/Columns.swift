import FoundationEssentials
import KubernetesAPI

/// The usual columns of the built-in kinds.
enum Columns {
  static let namespace: [Column] = [.name, .text("Status") { $0[path: "status", "phase"]?.stringValue }, .age]

  static let configMap: [Column] = [
    .name, count("Data") { ($0["data"]?.objectValue?.count ?? 0) + ($0["binaryData"]?.objectValue?.count ?? 0) }, .age,
  ]

  static let secret: [Column] = [
    .name, .text("Type") { $0["type"]?.stringValue }, count("Data") { $0["data"]?.objectValue?.count ?? 0 }, .age,
  ]

  static let serviceAccount: [Column] = [.name, count("Secrets") { $0["secrets"]?.arrayValue?.count ?? 0 }, .age]

  static let lease: [Column] = [.name, .text("Holder") { $0[path: "spec", "holderIdentity"]?.stringValue }, .age]

  static let customResourceDefinition: [Column] = [
    .name,
    Column(name: "Created At", type: "date") { object, _ in object[path: "metadata", "creationTimestamp"] ?? .null },
  ]

  static let disruptionBudget: [Column] = [
    .name,
    .text("Min Available") { number($0[path: "spec", "minAvailable"]) ?? "N/A" },
    .text("Max Unavailable") { number($0[path: "spec", "maxUnavailable"]) ?? "N/A" },
    count("Allowed Disruptions") { $0[path: "status", "disruptionsAllowed"]?.intValue ?? 0 },
    .age,
  ]

  static let deployment: [Column] = [
    .name,
    .text("Ready") { object in
      "\(object[path: "status", "readyReplicas"]?.intValue ?? 0)/\(object[path: "spec", "replicas"]?.intValue ?? 1)"
    },
    count("Up-to-date") { $0[path: "status", "updatedReplicas"]?.intValue ?? 0 },
    count("Available") { $0[path: "status", "availableReplicas"]?.intValue ?? 0 },
    .age,
  ]

  static let service: [Column] = [
    .name,
    .text("Type") { $0[path: "spec", "type"]?.stringValue },
    .text("Cluster-IP") { $0[path: "spec", "clusterIP"]?.stringValue },
    .text("External-IP") { service in
      let ingress = service[path: "status", "loadBalancer", "ingress"]?.arrayValue ?? []
      let addresses = ingress.compactMap { $0["ip"]?.stringValue ?? $0["hostname"]?.stringValue }
      return addresses.joined(separator: ",")
    },
    .text("Port(s)") { service in
      (service[path: "spec", "ports"]?.arrayValue ?? []).map { port in
        "\(port["port"]?.intValue ?? 0)/\(port["protocol"]?.stringValue ?? "TCP")"
      }.joined(separator: ",")
    },
    .age,
    .text("Selector", priority: 1) { pairs($0[path: "spec", "selector"]) },
  ]

  static let node: [Column] = [
    .name,
    .text("Status") { node in
      let ready = condition("Ready", of: node)?["status"]?.stringValue
      let base = ready == "True" ? "Ready" : ready == nil ? "Unknown" : "NotReady"
      return node[path: "spec", "unschedulable"]?.boolValue == true ? base + ",SchedulingDisabled" : base
    },
    .text("Roles") { node in
      let prefix = "node-role.kubernetes.io/"
      return (node[path: "metadata", "labels"]?.objectValue ?? [:]).keys.filter { $0.hasPrefix(prefix) }
        .map { String($0.dropFirst(prefix.count)) }.sorted().joined(separator: ",")
    },
    .age,
    .text("Version") { $0[path: "status", "nodeInfo", "kubeletVersion"]?.stringValue },
    .text("Internal-IP", priority: 1) { address("InternalIP", of: $0) },
    .text("External-IP", priority: 1) { address("ExternalIP", of: $0) },
    .text("OS-Image", priority: 1) { $0[path: "status", "nodeInfo", "osImage"]?.stringValue },
    .text("Kernel-Version", priority: 1) { $0[path: "status", "nodeInfo", "kernelVersion"]?.stringValue },
    .text("Container-Runtime", priority: 1) { $0[path: "status", "nodeInfo", "containerRuntimeVersion"]?.stringValue },
  ]

  static let event: [Column] = [
    Column(name: "Last Seen") { event, now in
      let time =
        [
          event[path: "series", "lastObservedTime"], event["lastTimestamp"], event["deprecatedLastTimestamp"],
          event["eventTime"], event[path: "metadata", "creationTimestamp"],
        ]
        .lazy.compactMap { $0?.stringValue }.first
      return time.map { Column.value(.string($0), type: "date", now: now) } ?? "<unknown>"
    },
    .text("Type") { $0["type"]?.stringValue },
    .text("Reason") { $0["reason"]?.stringValue },
    .text("Object") { event in
      let object = event["involvedObject"] ?? event["regarding"]
      return "\(object?["kind"]?.stringValue?.lowercased() ?? "")/\(object?["name"]?.stringValue ?? "")"
    },
    .text("Subobject", priority: 1) { ($0["involvedObject"] ?? $0["regarding"])?["fieldPath"]?.stringValue },
    .text("Source", priority: 1) { ($0["reportingComponent"] ?? $0["reportingController"])?.stringValue },
    Column(name: "Message") { event, _ in (event["message"] ?? event["note"]) ?? "" },
    .text("Count", priority: 1) { event in
      String(event[path: "series", "count"]?.intValue ?? event["count"]?.intValue ?? 1)
    },
    .text("Name", priority: 1) { $0[path: "metadata", "name"]?.stringValue },
  ]

  static func condition(_ type: String, of object: JSONValue) -> JSONValue? {
    (object[path: "status", "conditions"]?.arrayValue ?? []).first { $0["type"]?.stringValue == type }
  }

  private static func address(_ type: String, of node: JSONValue) -> String? {
    (node[path: "status", "addresses"]?.arrayValue ?? []).first { $0["type"]?.stringValue == type }?["address"]?
      .stringValue
  }

  private static func pairs(_ labels: JSONValue?) -> String {
    (labels?.objectValue ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.stringValue ?? "")" }
      .joined(separator: ",")
  }

  private static func number(_ value: JSONValue?) -> String? { value?.stringValue ?? value?.intValue.map(String.init) }

  private static func count(_ name: String, _ read: @escaping @Sendable (JSONValue) -> Int) -> Column {
    Column(name: name, type: "integer") { object, _ in .integer(Int64(read(object))) }
  }
}
