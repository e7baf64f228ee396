import KubernetesAPI

/// What is checked about events, in the form that `core/v1` has for them, whose names messages use for both.
enum EventRules {
  static func problems(in event: JSONValue, old: JSONValue?, isCore: Bool) -> [FieldError] {
    var found = common(event)
    if isCore { return found }
    if let old {
      if event["series"] != old["series"] { found += series(event) }
      for field in [
        "involvedObject", "reason", "message", "source", "firstTimestamp", "lastTimestamp", "count", "type",
        "eventTime", "action", "related", "reportingComponent", "reportingInstance",
      ] where event[field] != old[field] {
        let name = field == "reportingComponent" ? "reportingController" : field
        found.append(.invalid(name, event[field] ?? .null, "field is immutable"))
      }
      return found
    }
    found += series(event)
    if text(event, "eventTime").isEmpty { found.append(.required("eventTime")) }
    let type = text(event, "type")
    if !["Normal", "Warning"].contains(type) { found.append(.invalid("type", "", "has invalid value: \(type)")) }
    for field in ["firstTimestamp", "lastTimestamp", "count", "source"]
    where event[field] != nil && event[field] != [:] {
      found.append(.invalid(field, "", "needs to be unset"))
    }
    return found
  }

  private static func series(_ event: JSONValue) -> [FieldError] {
    guard let series = event["series"] else { return [] }
    var found: [FieldError] = []
    if series["count"]?.intValue ?? 0 < 2 { found.append(.invalid("series.count", "", "should be at least 2")) }
    if text(series, "lastObservedTime").isEmpty { found.append(.required("series.lastObservedTime")) }
    return found
  }

  private static func common(_ event: JSONValue) -> [FieldError] {
    let namespace = event[path: "metadata", "namespace"]?.stringValue ?? ""
    let about = event[path: "involvedObject", "namespace"]?.stringValue ?? ""
    let mismatch = FieldError.invalid("involvedObject.namespace", .string(about), "does not match event.namespace")
    if text(event, "eventTime").isEmpty {
      return about == namespace || (about.isEmpty && namespace == "default") ? [] : [mismatch]
    }
    var found: [FieldError] = []
    if about.isEmpty, !["default", "kube-system"].contains(namespace) { found.append(mismatch) }
    let controller = text(event, "reportingComponent")
    if controller.isEmpty { found.append(.required("reportingController")) }
    found += QualifiedName.problems(with: controller).map { .invalid("reportingController", .string(controller), $0) }
    for field in ["reportingInstance", "action", "reason"] where text(event, field).isEmpty {
      found.append(.required(field))
    }
    for (field, limit) in [("reportingInstance", 128), ("action", 128), ("reason", 128), ("message", 1024)]
    where text(event, field).utf8.count > limit {
      found.append(.invalid(field, "", "can have at most \(limit) characters"))
    }
    return found
  }

  private static func text(_ value: JSONValue, _ field: String) -> String { value[field]?.stringValue ?? "" }
}

/// What is checked about leases.
enum LeaseRules {
  static let rules: KindRules = {
    var rules = KindRules()
    rules.zero = ["metadata": [:], "spec": [:]]
    rules.validate = { lease, _ in
      var found: [FieldError] = []
      let spec = lease["spec"]
      if let value = spec?["leaseDurationSeconds"], let seconds = value.intValue, seconds <= 0 {
        found.append(.invalid("spec.leaseDurationSeconds", value, "must be greater than 0"))
      }
      if let value = spec?["leaseTransitions"], let number = value.intValue, number < 0 {
        found.append(.invalid("spec.leaseTransitions", value, "must be greater than or equal to 0"))
      }
      if spec?["preferredHolder"]?.stringValue?.isEmpty == false, spec?["strategy"]?.stringValue?.isEmpty ?? true {
        found.append(.forbidden("spec.preferredHolder", "may only be specified if `strategy` is defined"))
      }
      return found
    }
    return rules
  }()
}
