import Dataflow
import KubernetesAPI

/// The rules of the resource schemas that people trip over, for where no API server checks them.
struct SchemaCheck {
  private let object: KubernetesObject
  private var findings: [Finding] = []

  static func findings(_ object: KubernetesObject) -> [Finding] {
    var check = SchemaCheck(object: object)
    check.run()
    return check.findings
  }

  private init(object: KubernetesObject) { self.object = object }

  private mutating func report(_ field: String, _ message: String, _ remedy: String) {
    findings.append(Finding(resource: "\(object.kind)/\(object.name)", field: field, message: message, remedy: remedy))
  }

  private mutating func run() {
    let known = ResourceType.workflow.apiVersion
    if object.apiVersion != known {
      report("apiVersion", "there is no version \(object.apiVersion)", "write \(known)")
    }
    guard ["Workflow", "Bucket"].contains(object.kind) else {
      let kind = object.kind.isEmpty ? "the field is required" : "pheromone.dev has no kind \(object.kind)"
      return report("kind", kind, "write Workflow or Bucket")
    }
    if object.name.isEmpty { report("metadata.name", "the name is missing", "add it") }
    guard let spec = object["spec"], spec.objectValue != nil else {
      return report("spec", "the field is required", "add it")
    }
    if object.kind == "Workflow" { workflow(spec) } else { bucket(spec) }
  }

  private static let workflowFields: Set = [
    "replicas", "entry", "functions", "executors", "sessionTimeout", "sessionLimits", "retention", "sharedMemory",
    "scheduling", "activation", "idleAfter", "strategy", "minReadySeconds", "paused", "suspend", "transport", "sidecar",
    "template",
  ]
  private static let functionFields: Set = ["name", "outputs", "calls", "timeout", "retry", "publish"]
  private static let triggerFields: Set = ["name", "target", "recovery"]
  private static let primitives: Set = [
    "immediate", "byName", "bySet", "byBatchSize", "byTime", "redundant", "dynamicJoin", "dynamicGroup",
  ]

  // MARK: - Workflow

  private mutating func workflow(_ spec: JSONValue) {
    if object.name.utf8.count > 52 {
      report("metadata.name", "a workflow's name has at most 52 characters", "shorten it")
    }
    unknown(spec, "spec", Self.workflowFields)
    integer(spec, "replicas", "spec.replicas", atLeast: 0)
    integer(spec, "executors", "spec.executors", atLeast: 1)
    integer(spec, "minReadySeconds", "spec.minReadySeconds", atLeast: 0)
    if let functions = list(spec, "functions", "spec.functions", isRequired: true) {
      if functions.isEmpty { report("spec.functions", "a workflow has at least one function", "add one") }
      names(functions, "spec.functions", "function", Self.functionFields)
    }
    if spec["template"] == nil {
      report("spec.template", "the field is required", "add the pod template whose containers run the functions")
    } else if spec[path: "template", "spec", "containers"]?.arrayValue?.isEmpty ?? true {
      report("spec.template.spec.containers", "a workflow needs a container", "add the one that runs its functions")
    }
  }

  // MARK: - Bucket

  private mutating func bucket(_ spec: JSONValue) {
    unknown(spec, "spec", ["workflow", "triggers"])
    if spec["workflow"]?.stringValue?.isEmpty ?? true {
      report("spec.workflow", "the field is required", "name the workflow that the bucket belongs to")
    }
    guard let triggers = list(spec, "triggers", "spec.triggers", isRequired: false) else { return }
    names(triggers, "spec.triggers", "trigger", Self.triggerFields.union(Self.primitives))
    for (index, trigger) in triggers.enumerated() {
      let field = "spec.triggers[\(index)]"
      if trigger["target"]?.stringValue == nil {
        report("\(field).target", "the field is required", "name the function that the trigger fires")
      }
      // The API server drops what is null.
      let written = Self.primitives.filter { trigger[$0] != nil }.sorted()
      let used = written.filter { trigger[$0] != .null }
      if used.isEmpty, let empty = written.first {
        report(
          "\(field).\(empty)", "the value is null, which is the same as nothing",
          empty == "immediate"
            ? "write immediate: {}" : "write its fields; see kubectl explain bucket.spec.triggers.\(empty)")
      } else if used.count != 1 {
        report(
          field,
          "a trigger has exactly one primitive, not " + (used.isEmpty ? "none" : used.joined(separator: " and ")),
          used.isEmpty ? "add one, such as immediate: {}" : "keep one, and write another trigger for the other")
      }
      for primitive in used { check(primitive, trigger[primitive] ?? .null, "\(field).\(primitive)") }
    }
  }

  private mutating func check(_ primitive: String, _ value: JSONValue, _ field: String) {
    switch primitive {
    case "byName", "bySet": keys(value, "names", field)
    case "dynamicJoin": keys(value, "announcedBy", field)
    case "dynamicGroup": keys(value, "sources", field)
    case "byBatchSize":
      integer(value, "count", "\(field).count", atLeast: 1, isRequired: true)
      if let scope = value["scope"], scope != "Workflow", scope != "Session" {
        report("\(field).scope", "\(scope.canonicalText) is no scope", "write Workflow or Session")
      }
    case "byTime":
      let window = value["window"]?.stringValue.flatMap(DurationText.parse)
      if window.map({ $0 < .milliseconds(1) }) ?? true {
        report("\(field).window", "window must be at least 1ms", "write a duration, such as 10s")
      }
    case "redundant":
      integer(value, "count", "\(field).count", atLeast: 1, isRequired: true)
      integer(value, "take", "\(field).take", atLeast: 1, isRequired: true)
      if let count = value["count"]?.intValue, let take = value["take"]?.intValue, take > count {
        report("\(field).take", "take must not be greater than count", "lower take or raise count")
      }
    default: break
    }
  }

  private mutating func keys(_ value: JSONValue, _ name: String, _ field: String) {
    guard let list = list(value, name, "\(field).\(name)", isRequired: true) else { return }
    if list.isEmpty { report("\(field).\(name)", "the list is empty", "add at least one") }
    var seen: Set<JSONValue> = []
    for (index, entry) in list.enumerated() where !seen.insert(entry).inserted {
      report("\(field).\(name)[\(index)]", "\(entry.canonicalText) stands twice in the list", "remove one of them")
    }
  }

  // MARK: - Shapes

  private mutating func names(_ list: [JSONValue], _ field: String, _ what: String, _ known: Set<String>) {
    var seen: Set<String> = []
    for (index, element) in list.enumerated() {
      let place = "\(field)[\(index)]"
      unknown(element, place, known)
      guard let name = element["name"]?.stringValue else {
        report("\(place).name", "the field is required", "name the \(what)")
        continue
      }
      if name.wholeMatch(of: #/[a-z0-9]([-a-z0-9]*[a-z0-9])?/#) == nil || name.utf8.count > 63 {
        report(
          "\(place).name", "\"\(name)\" is no name of a \(what)",
          "write at most 63 small letters, digits and hyphens, a letter or digit first and last")
      }
      if !seen.insert(name).inserted { report(place, "there are two \(what)s named \(name)", "rename one of them") }
    }
  }

  private mutating func unknown(_ value: JSONValue, _ field: String, _ known: Set<String>) {
    for name in (value.objectValue ?? [:]).keys.sorted() where !known.contains(name) {
      let names = known.sorted()
      let near = Spelling.closest(to: name, among: names) ?? names.first { $0.hasPrefix(name) || name.hasPrefix($0) }
      report(
        "\(field).\(name)", "there is no field \(name)",
        near.map { "did you mean \($0)?" } ?? "remove it, or see kubectl explain for the fields that there are")
    }
  }

  private mutating func list(
    _ value: JSONValue, _ name: String, _ field: String, isRequired: Bool
  ) -> [JSONValue]? {
    switch value[name] {
    case nil where isRequired:
      report(field, "the field is required", "add it")
      return nil
    case nil: return nil
    case .some(let value):
      if value.arrayValue == nil { report(field, "the value is no list but \(value.typeName)", "write a list") }
      return value.arrayValue
    }
  }

  private mutating func integer(
    _ value: JSONValue, _ name: String, _ field: String, atLeast least: Int, isRequired: Bool = false
  ) {
    guard let value = value[name] else {
      if isRequired { report(field, "the field is required", "write a whole number of \(least) or more") }
      return
    }
    guard let number = value.intValue, number >= least else {
      return report(field, "\(value.canonicalText) is not allowed", "write a whole number of \(least) or more")
    }
  }
}
