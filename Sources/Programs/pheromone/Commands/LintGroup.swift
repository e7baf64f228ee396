import Dataflow
import KubernetesAPI

/// A workflow with the buckets that belong to it, of which the schema may have refused some. What it refused was meant in
/// some other way, so nothing is concluded from it; all the rest is checked.
struct LintGroup {
  let workflow: Linter.Item?
  let name: String
  /// The buckets that say that they belong to the workflow, or that do not say where they belong.
  let members: [Linter.Item]

  init(workflow: Linter.Item?, name: String, items: [Linter.Item]) {
    self.workflow = workflow
    self.name = name
    members = items.filter { item in
      guard item.object.kind != "Workflow" else { return false }
      let owner = item.object["spec", "workflow"]?.stringValue ?? ""
      return owner == name || owner.isEmpty
    }
  }

  /// Those beside what the schema has said already.
  var findings: [Finding] {
    var specs: [String: BucketSpec] = [:]
    var doubts = PlanCompiler.SchemaDoubts()
    var unread: [String: [String]] = [:]
    for item in members {
      let bucket = item.object.name
      if specs[bucket] == nil, item.object.kind == "Bucket" {
        let (spec, holes) = read(item)
        specs[bucket] = spec
        unread[item.resource] = holes.map { "spec.triggers[\($0)]" }
        for index in holes { doubts.add(trigger: index, of: bucket) }
      }
      for field in item.faults {
        if let index = Self.index(in: "spec.triggers", field) {
          doubts.add(trigger: index, of: bucket)
        } else {
          doubts.add(bucket: bucket)
        }
      }
    }
    for field in workflow?.faults ?? [] {
      if let index = Self.index(in: "spec.functions", field) { doubts.add(function: index) }
    }
    let spec = workflow.flatMap { try? ($0.object["spec"] ?? .emptyObject).decode(WorkflowSpec.self) }
    let found = PlanCompiler.findings(workflow: name, spec: spec, buckets: specs, doubts: doubts)
    return found.filter { finding in
      let faults =
        ([workflow].compactMap { $0 } + members).filter { $0.resource == finding.resource }.flatMap(\.faults)
        + (unread[finding.resource] ?? [])
      return !faults.contains { Self.areOneBranch($0, finding.field) }
    }
  }

  /// A bucket as far as it can be read. Triggers that cannot keep their place, with nothing in it.
  private func read(_ item: Linter.Item) -> (spec: BucketSpec, holes: [Int]) {
    let spec = item.object["spec"] ?? .emptyObject
    if let whole = try? spec.decode(BucketSpec.self) { return (whole, []) }
    let triggers = (spec["triggers"]?.arrayValue ?? []).map { try? $0.decode(TriggerSpec.self) }
    let hole = TriggerSpec(name: "", target: "")
    return (
      BucketSpec(workflow: name, triggers: triggers.map { $0 ?? hole }), triggers.indices.filter { triggers[$0] == nil }
    )
  }

  /// The position in a list that a field such as `spec.triggers[2].target` is at.
  private static func index(in list: String, _ field: String) -> Int? {
    guard field.hasPrefix("\(list)[") else { return nil }
    return Int(field.dropFirst(list.count + 1).prefix { $0 != "]" })
  }

  /// Whether one field holds the other.
  private static func areOneBranch(_ one: String, _ other: String) -> Bool {
    let (short, long) = one.count <= other.count ? (one, other) : (other, one)
    return long == short || long.hasPrefix("\(short).") || long.hasPrefix("\(short)[")
  }
}
