import KubernetesAPI

/// `core/v1` and `events.k8s.io/v1` show the same events with other field names. The core form is the stored one.
enum EventMapping {
  private static let pairs: [(new: String, core: String)] = [
    ("regarding", "involvedObject"), ("note", "message"), ("reportingController", "reportingComponent"),
    ("deprecatedSource", "source"), ("deprecatedFirstTimestamp", "firstTimestamp"),
    ("deprecatedLastTimestamp", "lastTimestamp"), ("deprecatedCount", "count"),
  ]

  static let rules: KindRules = {
    var rules = KindRules()
    rules.zero = ["metadata": [:], "regarding": [:], "deprecatedSource": [:]]
    rules.zero["regarding"] = nil
    rules.toStorage = core
    rules.fromStorage = { event in
      renamed(event, apiVersion: "events.k8s.io/v1", pairs.map { ($0.core, $0.new) })
    }
    rules.validate = { event, old in
      EventRules.problems(in: core(event), old: old.map(core), isCore: false)
    }
    return rules
  }()

  private static func core(_ event: JSONValue) -> JSONValue {
    renamed(event, apiVersion: "v1", pairs.map { ($0.new, $0.core) })
  }

  private static func renamed(_ event: JSONValue, apiVersion: String, _ names: [(String, String)]) -> JSONValue {
    guard var members = event.objectValue else { return event }
    for (from, to) in names {
      if let value = members.removeValue(forKey: from) { members[to] = value }
    }
    members["apiVersion"] = .string(apiVersion)
    members["kind"] = "Event"
    return .object(members)
  }
}
