import KubernetesAPI

/// PodDisruptionBudgets: what may be in them, and what they come to.
enum DisruptionRules {
  static let rules: KindRules = {
    var rules = KindRules()
    rules.zero = ["metadata": [:], "spec": [:], "status": [:]]
    rules.admit = { budget, _ in budget["status"] = Count().document }
    rules.validate = { budget, _ in problems(in: budget["spec"] ?? .emptyObject) }
    return rules
  }()

  /// What a budget's status says in numbers.
  struct Count: Sendable, Hashable {
    var expected = 0
    var desired = 0
    var healthy = 0
    /// Why the numbers could not be found out; nothing is allowed then.
    var failure: String?

    var allowed: Int { failure != nil || expected <= 0 ? 0 : max(0, healthy - desired) }

    var document: JSONValue {
      [
        "disruptionsAllowed": .integer(Int64(allowed)), "currentHealthy": .integer(Int64(healthy)),
        "desiredHealthy": .integer(Int64(desired)), "expectedPods": .integer(Int64(expected)),
      ]
    }
  }

  /// How many pods the controller of a pod is meant to have, or why nobody can tell.
  enum Scale: Sendable, Hashable {
    case replicas(uid: String, Int)
    /// It has no controller.
    case unmanaged
    case unknown(String)
  }

  /// Counts the pods that a budget selects.
  static func count(_ spec: JSONValue, pods: [JSONValue], scale: (JSONValue) -> Scale) -> Count {
    var count = Count()
    count.healthy = pods.count { $0[path: "metadata", "deletionTimestamp"] == nil && isReady($0) }
    if let maximum = spec["maxUnavailable"] {
      count.expect(of: pods, scale)
      count.desired = max(0, count.expected - amount(maximum, of: count.expected))
    } else if let minimum = spec["minAvailable"] {
      if let number = minimum.intValue {
        count.expected = pods.count
        count.desired = number
      } else {
        count.expect(of: pods, scale)
        count.desired = amount(minimum, of: count.expected)
      }
    }
    return count
  }

  static func isReady(_ pod: JSONValue) -> Bool { Columns.condition("Ready", of: pod)?["status"] == "True" }

  /// A number, or a percentage that is rounded up.
  private static func amount(_ value: JSONValue, of total: Int) -> Int {
    if let number = value.intValue { return number }
    let percent = Int((value.stringValue ?? "").dropLast()) ?? 0
    return (percent * total + 99) / 100
  }

  // MARK: - Validation

  private static func problems(in spec: JSONValue) -> [FieldError] {
    var found: [FieldError] = []
    if spec["minAvailable"] != nil, spec["maxUnavailable"] != nil {
      found.append(.invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set"))
    }
    for field in ["minAvailable", "maxUnavailable"] {
      guard let value = spec[field] else { continue }
      let path = "spec.\(field)"
      if let number = value.intValue {
        if number < 0 { found.append(.invalid(path, value, "must be greater than or equal to 0")) }
      } else if let text = value.stringValue {
        if text.last != "%" || text.count < 2 || !text.dropLast().allSatisfy({ $0.isASCII && $0.isNumber }) {
          found.append(
            .invalid(
              path, value,
              "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"
            ))
        } else if Int(text.dropLast()) ?? .max > 100 {
          found.append(.invalid(path, value, "must not be greater than 100%"))
        }
      }
    }
    found += MetadataRules.selector(spec["selector"], at: "spec.selector")
    let policies: [JSONValue] = ["AlwaysAllow", "IfHealthyBudget"]
    if let policy = spec["unhealthyPodEvictionPolicy"], !policies.contains(policy) {
      found.append(.notSupported("spec.unhealthyPodEvictionPolicy", policy, supported: policies))
    }
    return found
  }
}

extension DisruptionRules.Count {
  /// The sum of what the pods' controllers are meant to have.
  fileprivate mutating func expect(of pods: [JSONValue], _ scale: (JSONValue) -> DisruptionRules.Scale) {
    var replicas: [String: Int] = [:]
    for pod in pods {
      switch scale(pod) {
      case .replicas(let uid, let number): replicas[uid] = number
      case .unmanaged: continue
      case .unknown(let why):
        failure = failure ?? why
      }
    }
    expected = replicas.values.reduce(0, +)
  }
}
