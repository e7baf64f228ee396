import FoundationEssentials
import KubernetesAPI

/// What a container may learn about its pod and its node: the values of `fieldRef` and `resourceFieldRef`.
package struct DownwardAPI: Sendable, Hashable {
  package var pod: PodDescription
  package var podIP: String
  package var hostIP: String
  package var nodeName: String
  /// What an unlimited container may use, for `resourceFieldRef`.
  package var capacity: NodeCapacity

  package init(pod: PodDescription, podIP: String, hostIP: String, nodeName: String, capacity: NodeCapacity) {
    self.pod = pod
    self.podIP = podIP
    self.hostIP = hostIP
    self.nodeName = nodeName
    self.capacity = capacity
  }

  package func value(of reference: FieldReference) throws(StartFailure) -> String {
    let path = reference.fieldPath
    switch path {
    case "metadata.name": return pod.key.name
    case "metadata.namespace": return pod.namespace
    case "metadata.uid": return pod.uid
    case "metadata.labels": return Self.lines(pod.labels)
    case "metadata.annotations": return Self.lines(pod.annotations)
    case "spec.nodeName": return nodeName
    case "spec.serviceAccountName": return pod.spec.serviceAccountName ?? "default"
    case "status.podIP", "status.podIPs": return podIP
    case "status.hostIP", "status.hostIPs": return hostIP
    default: break
    }
    if let key = Self.subscripted("metadata.labels", in: path) { return pod.labels[key] ?? "" }
    if let key = Self.subscripted("metadata.annotations", in: path) { return pod.annotations[key] ?? "" }
    throw StartFailure(.configuration, "fieldRef: the field \"\(path)\" is not one that a container can be given")
  }

  package func value(
    of reference: ResourceFieldReference, in container: ContainerSpecification
  ) throws(StartFailure) -> String {
    let asked =
      reference.containerName.flatMap { name in pod.spec.allContainers.first { $0.name == name } } ?? container
    let parts = reference.resource.split(separator: ".", maxSplits: 1).map(String.init)
    guard parts.count == 2, ["limits", "requests"].contains(parts[0]) else {
      throw StartFailure(.configuration, "resourceFieldRef: \"\(reference.resource)\" is no resource of a container")
    }
    let limit = asked.resources?.limits?[parts[1]]
    let given = parts[0] == "limits" ? limit : asked.resources?.requests?[parts[1]] ?? limit
    let amount: Double
    if let text = given.flatMap({ $0.stringValue ?? $0.doubleValue.map { String($0) } }) {
      guard let parsed = ResourceAmount.parse(text) else {
        throw StartFailure(.configuration, "resourceFieldRef: \"\(text)\" is no quantity")
      }
      amount = parsed
    } else {
      amount = parts[1] == "cpu" ? Double(capacity.processors) : Double(capacity.memoryBytes)
    }
    let divisor = ResourceAmount.parse(reference.divisor ?? "1") ?? 1
    return String(Int64((amount / (divisor > 0 ? divisor : 1)).rounded(.up)))
  }

  private static func lines(_ values: [String: String]) -> String {
    values.sorted { $0.key < $1.key }
      .map { "\($0.key)=\"\($0.value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\"" }
      .joined(separator: "\n")
  }

  private static func subscripted(_ field: String, in path: String) -> String? {
    guard path.hasPrefix(field + "['"), path.hasSuffix("']") else { return nil }
    return String(path.dropFirst(field.count + 2).dropLast(2))
  }
}

/// Amounts such as `250m`, `64Mi` or `2`.
enum ResourceAmount {
  private static let suffixes: [(String, Double)] = [
    ("Ki", 1024), ("Mi", 1_048_576), ("Gi", 1_073_741_824), ("Ti", 1_099_511_627_776), ("m", 0.001), ("k", 1e3),
    ("M", 1e6), ("G", 1e9), ("T", 1e12),
  ]

  static func parse(_ text: String) -> Double? {
    for (suffix, factor) in suffixes where text.hasSuffix(suffix) {
      return Double(text.dropLast(suffix.count)).map { $0 * factor }
    }
    return Double(text)
  }
}

/// What the machine has.
package struct NodeCapacity: Sendable, Hashable {
  package var processors: Int
  package var memoryBytes: Int
  package var pods: Int

  package init(processors: Int, memoryBytes: Int, pods: Int) {
    self.processors = processors
    self.memoryBytes = memoryBytes
    self.pods = pods
  }

  /// Everything that the machine has, which nodes on the same one share.
  package static func ofThisMachine(pods: Int = 110) -> NodeCapacity {
    NodeCapacity(
      processors: ProcessInfo.processInfo.activeProcessorCount,
      memoryBytes: Int(clamping: ProcessInfo.processInfo.physicalMemory), pods: pods)
  }
}
