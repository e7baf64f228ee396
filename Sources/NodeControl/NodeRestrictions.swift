package import KubernetesAPI

/// What keeps pods off a node: that it is cordoned, and its taints.
package struct NodeRestrictions: Sendable, Hashable {
  package var isUnschedulable = false
  package var taints: [Taint] = []

  package struct Taint: Sendable, Hashable {
    package var key: String
    package var value: String
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    package var effect: String

    package init(key: String, value: String = "", effect: String) {
      self.key = key
      self.value = value
      self.effect = effect
    }
  }

  package init() {}

  package init(_ node: KubernetesObject) {
    isUnschedulable = node["spec", "unschedulable"]?.boolValue ?? false
    taints = (node["spec", "taints"]?.arrayValue ?? []).map { taint in
      Taint(
        key: taint["key"]?.stringValue ?? "", value: taint["value"]?.stringValue ?? "",
        effect: taint["effect"]?.stringValue ?? "")
    }
  }

  /// Why a pod may not be bound to the node, in the scheduler's words; nil if it may.
  package func problem(for pod: KubernetesObject) -> String? {
    let tolerations = Self.tolerations(of: pod)
    let cordon = Taint(key: "node.kubernetes.io/unschedulable", effect: "NoSchedule")
    if isUnschedulable, !tolerations.contains(where: { $0.tolerates(cordon) }) {
      return "node(s) were unschedulable"
    }
    let kept = taints.first { taint in
      ["NoSchedule", "NoExecute"].contains(taint.effect) && !tolerations.contains { $0.tolerates(taint) }
    }
    return kept.map { "node(s) had untolerated taint {\($0.key): \($0.value)}" }
  }

  /// How many taints a pod does not tolerate that only ask it to prefer other nodes.
  package func aversions(to pod: KubernetesObject) -> Int {
    let tolerations = Self.tolerations(of: pod)
    return taints.count { taint in
      taint.effect == "PreferNoSchedule" && !tolerations.contains { $0.tolerates(taint) }
    }
  }

  /// How long a pod may stay in spite of `NoExecute` taints; nil if there are none that end its stay.
  package func stay(of pod: KubernetesObject) -> Duration? {
    let tolerations = Self.tolerations(of: pod)
    var stay: Duration?
    for taint in taints where taint.effect == "NoExecute" {
      let matching = tolerations.filter { $0.tolerates(taint) }
      if matching.isEmpty { return .zero }
      guard let seconds = matching.compactMap(\.seconds).min() else { continue }
      stay = min(stay ?? .seconds(max(0, seconds)), .seconds(max(0, seconds)))
    }
    return stay
  }

  private struct Toleration {
    var document: JSONValue

    var seconds: Int? { document["tolerationSeconds"]?.intValue }

    func tolerates(_ taint: Taint) -> Bool {
      let key = document["key"]?.stringValue ?? ""
      let effect = document["effect"]?.stringValue ?? ""
      guard effect.isEmpty || effect == taint.effect, key.isEmpty || key == taint.key else { return false }
      return document["operator"]?.stringValue == "Exists" || (document["value"]?.stringValue ?? "") == taint.value
    }
  }

  private static func tolerations(of pod: KubernetesObject) -> [Toleration] {
    (pod["spec", "tolerations"]?.arrayValue ?? []).map { Toleration(document: $0) }
  }
}
