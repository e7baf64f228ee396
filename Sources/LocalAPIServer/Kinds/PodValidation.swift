import KubernetesAPI

/// What a real API server refuses about the `spec` of a new pod.
enum PodValidation {
  static func problems(in spec: JSONValue) -> [FieldError] {
    var found = VolumeValidation.problems(in: spec["volumes"]?.arrayValue ?? [])
    let volumes = Set((spec["volumes"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue })
    if spec["containers"]?.arrayValue?.isEmpty ?? true { found.append(.required("spec.containers")) }
    var names: Set<String> = []
    for list in PodRules.containerLists {
      for (index, container) in (spec[list]?.arrayValue ?? []).enumerated() {
        let path = "spec.\(list)[\(index)]"
        found += ContainerValidation.problems(
          in: container, at: path, volumes: volumes, isInitial: list == "initContainers")
        if let name = container["name"]?.stringValue, !names.insert(name).inserted {
          found.append(.duplicate("\(path).name", .string(name)))
        }
      }
    }
    for (field, values) in enumerations {
      found += FieldError.unless(spec[field], isOneOf: values, at: "spec.\(field)")
    }
    if let grace = spec["terminationGracePeriodSeconds"], let seconds = grace.intValue, seconds < 0 {
      found.append(.invalid("spec.terminationGracePeriodSeconds", grace, "must be greater than or equal to 0"))
    }
    if let deadline = spec["activeDeadlineSeconds"], let seconds = deadline.intValue,
      !(1...Int(Int32.max)).contains(seconds)
    {
      found.append(
        .invalid("spec.activeDeadlineSeconds", deadline, "must be between 1 and 2147483647, inclusive"))
    }
    for (index, toleration) in (spec["tolerations"]?.arrayValue ?? []).enumerated() {
      found += problems(inToleration: toleration, at: "spec.tolerations[\(index)]")
    }
    found += MetadataRules.labels(spec["nodeSelector"], at: "spec.nodeSelector")
    for (field, rule) in [
      ("serviceAccountName", NameRule.subdomain), ("nodeName", .subdomain), ("hostname", .label), ("subdomain", .label),
    ] {
      guard let name = spec[field]?.stringValue, !name.isEmpty, let problem = rule.problem(with: name) else { continue }
      found.append(.invalid("spec.\(field)", .string(name), problem))
    }
    return found
  }

  private static let enumerations: [(field: String, values: [JSONValue])] = [
    ("restartPolicy", ["Always", "OnFailure", "Never"]),
    ("dnsPolicy", ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"]),
    ("preemptionPolicy", ["PreemptLowerPriority", "Never"]),
  ]

  private static func problems(inToleration toleration: JSONValue, at path: String) -> [FieldError] {
    var found: [FieldError] = []
    let kind = toleration["operator"]?.stringValue ?? ""
    let key = toleration["key"]?.stringValue ?? ""
    if !key.isEmpty {
      found += QualifiedName.problems(with: key).map { .invalid("\(path).key", .string(key), $0) }
    } else if kind != "Exists" {
      found.append(
        .invalid(
          "\(path).operator", .string(kind),
          "operator must be Exists when `key` is empty, which means \"match all values and all keys\""))
    }
    if toleration["tolerationSeconds"] != nil, toleration["effect"] != "NoExecute" {
      found.append(
        .invalid(
          "\(path).effect", toleration["effect"] ?? "", "effect must be 'NoExecute' when `tolerationSeconds` is set"))
    }
    switch kind {
    case "", "Equal":
      if let value = toleration["value"]?.stringValue, !LabelValue.isValid(value) {
        found.append(.invalid("\(path).operator", .string(value), LabelValue.rule))
      }
    case "Exists":
      if toleration["value"]?.stringValue?.isEmpty == false {
        found.append(.invalid("\(path).operator", toleration, "value must be empty when `operator` is 'Exists'"))
      }
    default: found.append(.notSupported("\(path).operator", .string(kind), supported: ["Equal", "Exists"]))
    }
    if let effect = toleration["effect"], effect != "" {
      found += FieldError.unless(
        effect, isOneOf: ["NoSchedule", "PreferNoSchedule", "NoExecute"], at: "\(path).effect")
    }
    return found
  }
}

extension FieldError {
  /// Nothing where there is no value.
  static func unless(_ value: JSONValue?, isOneOf values: [JSONValue], at path: String) -> [FieldError] {
    guard let value, !values.contains(value) else { return [] }
    return [.notSupported(path, value, supported: values)]
  }
}
