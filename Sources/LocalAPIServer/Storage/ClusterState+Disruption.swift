import FoundationEssentials
import KubernetesAPI

/// Keeps the status of PodDisruptionBudgets, as the disruption controller of a real cluster does.
extension ClusterState {
  static let budgets = StorageKey(group: "policy", plural: "poddisruptionbudgets")

  /// Counts anew where something changed since the last time.
  mutating func countDisruptions(now: Date) {
    let namespaces = unsettledBudgets
    unsettledBudgets = []
    if namespaces.isEmpty { return }
    let members = (objects[Self.budgets] ?? [:]).filter { namespaces.contains($0.key.namespace ?? "") }
    let index = BudgetIndex(members)
    var pods: [ObjectKey: [JSONValue]] = [:]
    for (key, pod) in objects[Self.pods] ?? [:] where namespaces.contains(key.namespace ?? "") {
      for budget in index.budgets(for: pod, in: key.namespace) { pods[budget, default: []].append(pod) }
    }
    for key in members.keys.sorted() { updateStatus(ofBudget: key, pods: pods[key] ?? [], now: now) }
    // What was written here is counted already.
    unsettledBudgets = []
  }

  /// Throws unless the pod's budget allows that it goes.
  mutating func checkBudget(of pod: JSONValue, _ target: ResourceTarget, now: Date) throws(APIStatus) {
    let members = (objects[Self.budgets] ?? [:]).filter { $0.key.namespace == target.namespace }
    // One without a selector is nobody's, and so is, for evictions, one that selects everything.
    let matching = BudgetIndex(members, allowsEmpty: false).budgets(for: pod, in: target.namespace)
    guard let key = matching.first else { return }
    if matching.count > 1 {
      throw APIStatus(
        message: "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
        code: 500)
    }
    unsettledBudgets.insert(target.namespace ?? "")
    countDisruptions(now: now)
    guard let budget = object(Self.budgets, key) else { return }
    func number(_ field: String) -> Int { budget[path: "status", field]?.intValue ?? 0 }
    let (healthy, desired) = (number("currentHealthy"), number("desiredHealthy"))
    if !DisruptionRules.isReady(pod) {
      // One that does not work is missed by nobody, as long as enough others do.
      if budget[path: "spec", "unhealthyPodEvictionPolicy"] == "AlwaysAllow" { return }
      if healthy >= desired, desired > 0 { return }
    }
    guard number("disruptionsAllowed") == 0 else { return }
    let condition = Columns.condition("DisruptionAllowed", of: budget)
    let reason = condition?["reason"]?.stringValue ?? ""
    let detail = condition?["message"]?.stringValue ?? ""
    var message = "The disruption budget \(key.name) "
    if reason == "SyncFailed", !detail.isEmpty {
      message += "does not allow evicting pods currently because it failed sync: \(detail)"
    } else if healthy <= desired {
      message += "needs \(desired) healthy pods and has \(healthy) currently"
    } else {
      message += "does not allow evicting pods currently"
    }
    throw APIStatus(
      message: "Cannot evict pod as it would violate the pod's disruption budget.", reason: "TooManyRequests",
      details: .init(causes: [.init(reason: "DisruptionBudget", message: message)]), code: 429)
  }

  private mutating func updateStatus(ofBudget key: ObjectKey, pods: [JSONValue], now: Date) {
    guard var budget = object(Self.budgets, key) else { return }
    let count = DisruptionRules.count(budget["spec"] ?? .emptyObject, pods: pods) { scale(ofControllerOf: $0, key) }
    let old = budget["status"] ?? .emptyObject
    var status = count.document
    status["observedGeneration"] = budget[path: "metadata", "generation"]
    var condition: JSONValue = [
      "type": "DisruptionAllowed", "status": count.allowed > 0 ? "True" : "False",
      "reason": count.allowed > 0 ? "SufficientPods" : "InsufficientPods", "message": "",
    ]
    if let failure = count.failure {
      condition["reason"] = "SyncFailed"
      condition["message"] = .string(failure)
    }
    condition["observedGeneration"] = status["observedGeneration"]
    let before = Columns.condition("DisruptionAllowed", of: budget)
    condition["lastTransitionTime"] =
      before?["status"] == condition["status"]
      ? before?["lastTransitionTime"] : .string(Timestamps.text(now))
    status["conditions"] = [condition]
    if status == old { return }
    budget["status"] = status
    put(budget, Self.budgets, key)
  }

  private func scale(ofControllerOf pod: JSONValue, _ budget: ObjectKey) -> DisruptionRules.Scale {
    let owners = pod[path: "metadata", "ownerReferences"]?.arrayValue ?? []
    guard let owner = owners.first(where: { $0["controller"]?.boolValue == true }) else { return .unmanaged }
    let (type, kindName) = (owner["apiVersion"]?.stringValue ?? "", owner["kind"]?.stringValue ?? "")
    let name = ObjectKey(namespace: budget.namespace, name: owner["name"]?.stringValue ?? "")
    guard let kind = registry.kind(apiVersion: type, kind: kindName), let stored = object(kind.storage, name),
      stored[path: "metadata", "uid"] == owner["uid"]
    else { return .unknown("found no controllers for pod \"\(pod[path: "metadata", "name"]?.stringValue ?? "")\"") }
    guard let paths = kind.scale else {
      return .unknown("\(kind.resourceName) does not implement the scale subresource")
    }
    let uid = owner["uid"]?.stringValue ?? ""
    return .replicas(uid: uid, stored.value(at: paths.specReplicas[...])?.intValue ?? 0)
  }
}

/// Finds the budgets that select a pod without asking each: most name a label's value.
private struct BudgetIndex {
  private struct Entry: Hashable {
    var namespace: String?
    var label = ""
    var value = ""
  }

  private var entries: [Entry: [(key: ObjectKey, selector: LabelSelector)]] = [:]

  init(_ budgets: [ObjectKey: JSONValue], allowsEmpty: Bool = true) {
    for (key, budget) in budgets {
      guard let document = budget[path: "spec", "selector"], let selector = LabelSelector(document: document),
        allowsEmpty || !selector.requirements.isEmpty
      else { continue }
      var entry = Entry(namespace: key.namespace)
      if case .isIn(let label, let values)? = selector.requirements.first, values.count == 1, let value = values.first {
        entry.label = label
        entry.value = value
      }
      entries[entry, default: []].append((key, selector))
    }
  }

  func budgets(for pod: JSONValue, in namespace: String?) -> [ObjectKey] {
    var candidates = entries[Entry(namespace: namespace)] ?? []
    for (label, value) in pod[path: "metadata", "labels"]?.objectValue ?? [:] {
      candidates += entries[Entry(namespace: namespace, label: label, value: value.stringValue ?? "")] ?? []
    }
    return candidates.filter { $0.selector.matches(pod) }.map(\.key).sorted()
  }
}
