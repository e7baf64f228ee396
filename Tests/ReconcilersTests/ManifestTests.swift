import Dataflow
import Foundation
import KubernetesAPI
import KubernetesClient
import Reconcilers
import Testing

/// The files that people apply: read as they are, and held against what the code expects of them.
@Suite struct ManifestTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "manifests")

  private func text(_ path: String) throws -> String {
    try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
  }

  private func documents(_ path: String) throws -> [KubernetesObject] {
    try YAML.parse(text(path), file: path).filter { !$0.isNull }.map { KubernetesObject($0) }
  }

  private func schema(_ path: String) throws -> JSONValue {
    let versions = try documents(path)[0]["spec", "versions"]
    return try #require(versions?[0]?[path: "schema", "openAPIV3Schema"])
  }

  private static let installations = ["install.yaml", "namespace-install.yaml"]

  /// Every node of a schema, with its path.
  private func walk(_ schema: JSONValue, _ path: String, _ visit: (String, JSONValue) -> Void) {
    visit(path, schema)
    for (name, child) in schema["properties"]?.objectValue ?? [:] { walk(child, "\(path).\(name)", visit) }
    if let items = schema["items"] { walk(items, "\(path)[]", visit) }
    if let values = schema["additionalProperties"], values.objectValue != nil { walk(values, "\(path){}", visit) }
  }

  @Test(arguments: ["crds/workflows.yaml", "crds/buckets.yaml"])
  func everythingIsBoundedAndDescribed(file: String) throws {
    #expect(try text(file).utf8.count < 65_536)
    for part in ["spec", "status"] {
      let root = try #require(try schema(file)["properties"]?[part])
      walk(root, part) { path, node in
        let type = node["type"]?.stringValue
        if type == "string" || node["x-kubernetes-int-or-string"] == true {
          #expect(node["maxLength"] != nil || node["enum"] != nil, "\(path) is an unbounded string")
        }
        if type == "array" { #expect(node["maxItems"] != nil, "\(path) is an unbounded list") }
        if node["additionalProperties"] != nil { #expect(node["maxProperties"] != nil, "\(path) is an unbounded map") }
        if !path.hasSuffix("[]"), !path.hasSuffix("{}") {
          #expect(node["description"]?.stringValue?.isEmpty == false, "\(path) has no description")
        }
      }
    }
  }

  @Test func defaultsAreThoseOfTheCode() throws {
    let spec = try #require(try schema("crds/workflows.yaml")[path: "properties", "spec", "properties"])
    let standard = WorkflowSpec(entry: "", functions: [])
    #expect(spec["executors"]?["default"]?.intValue == standard.executors)
    #expect(spec["sessionTimeout"]?["default"]?.stringValue == standard.sessionTimeout)
    #expect(spec["retention"]?["default"]?.stringValue == standard.retention)
    #expect(spec["sharedMemory"]?["default"]?.stringValue == standard.sharedMemory)
    let limits = spec[path: "sessionLimits", "properties"]
    #expect(limits?["invocations"]?["default"]?.intValue == standard.sessionLimits.invocations)
    #expect(limits?["restarts"]?["default"]?.intValue == standard.sessionLimits.restarts)
    let forwardAfter = spec[path: "scheduling", "properties", "forwardAfter", "default"]
    #expect(forwardAfter?.stringValue == standard.scheduling.forwardAfter)
    let inlineContinuation = spec[path: "scheduling", "properties", "inlineContinuation", "default"]
    #expect(inlineContinuation?.boolValue == standard.scheduling.inlineContinuation)
    let rolling = spec[path: "strategy", "properties", "rollingUpdate", "properties"]
    #expect(rolling?["maxSurge"]?["default"] == 1)
    #expect(rolling?["maxUnavailable"]?["default"] == 0)
  }

  @Test func boundsAreThoseOfTheCode() throws {
    let spec = try #require(try schema("crds/workflows.yaml")[path: "properties", "spec", "properties"])
    func number(_ node: JSONValue?, _ key: String) -> Int? { node?[key]?.intValue.map { Int($0) } }
    func range(_ node: JSONValue?) -> ClosedRange<Int>? {
      guard let low = number(node, "minimum"), let high = number(node, "maximum"), low <= high else { return nil }
      return low...high
    }
    #expect(range(spec["executors"]) == ResourceBounds.executors)
    #expect(range(spec[path: "sessionLimits", "properties", "invocations"]) == ResourceBounds.invocations)
    #expect(range(spec[path: "sessionLimits", "properties", "restarts"]) == ResourceBounds.restarts)
    #expect(number(spec["functions"], "maxItems") == ResourceBounds.functions)
    let function = spec[path: "functions", "items", "properties"]
    #expect(number(function?["name"], "maxLength") == ResourceBounds.nameLength)
    #expect(number(function?["outputs"], "maxItems") == ResourceBounds.outputs)
    #expect(number(function?["calls"], "maxItems") == ResourceBounds.calls)
    #expect(range(function?[path: "retry", "properties", "limit"]) == ResourceBounds.retries)

    let bucket = try #require(try schema("crds/buckets.yaml")[path: "properties", "spec", "properties"])
    #expect(number(bucket["workflow"], "maxLength") == ResourceBounds.workflowNameLength)
    #expect(number(bucket["triggers"], "maxItems") == ResourceBounds.triggers)
    let trigger = bucket[path: "triggers", "items", "properties"]
    #expect(number(trigger?["name"], "maxLength") == ResourceBounds.nameLength)
    for primitive in ["byName", "bySet"] {
      let names = trigger?[primitive]?[path: "properties", "names"]
      #expect(number(names, "maxItems") == ResourceBounds.keys)
      #expect(number(names?["items"], "maxLength") == ResourceBounds.keyLength)
    }
    #expect(range(trigger?[path: "byBatchSize", "properties", "count"]) == ResourceBounds.count)
    #expect(range(trigger?[path: "redundant", "properties", "count"]) == ResourceBounds.count)
    #expect(range(trigger?[path: "redundant", "properties", "take"]) == ResourceBounds.count)
    #expect(
      number(trigger?[path: "dynamicJoin", "properties", "announcedBy"], "maxItems") == ResourceBounds.announcers)
    #expect(number(trigger?[path: "dynamicGroup", "properties", "sources"], "maxItems") == ResourceBounds.sources)
    #expect(range(trigger?[path: "recovery", "properties", "limit"]) == ResourceBounds.recoveries)
    let shortest = DurationText.format(ResourceBounds.shortestWindow)
    let rule = trigger?[path: "byTime", "properties", "window"]?["x-kubernetes-validations"]?[0]?["rule"]
    #expect(rule == .string("duration(self) >= duration('\(shortest)')"))
    for (file, bound) in [("workflows", ResourceBounds.workflowNameLength), ("buckets", ResourceBounds.nameLength)] {
      let rule = try schema("crds/\(file).yaml")["x-kubernetes-validations"]?[0]?["rule"]
      #expect(rule == .string("self.metadata.name.size() <= \(bound)"))
    }
  }

  @Test func theStatusThatIsWrittenIsInTheSchema() throws {
    let workflow = Fixtures.workflow()
    let status = WorkflowStatus(
      workflow: workflow, settings: WorkflowSettings(workflow), verdict: .accepted, bucketCount: 2, revision: "r",
      pods: [], plan: PodPlan()
    ).document(now: Fixtures.time)
    let known = try schema("crds/workflows.yaml")[path: "properties", "status", "properties"]?.objectValue ?? [:]
    for name in status.objectValue?.keys.sorted() ?? [] { #expect(known[name] != nil, "status.\(name)") }
  }

  @Test func columnsAreThoseOfTheContract() throws {
    let version = try documents("crds/workflows.yaml")[0]["spec", "versions"]?[0]
    let columns = (version?["additionalPrinterColumns"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
    #expect(
      columns == ["Ready", "Accepted", "Replicas", "Active", "Succeeded", "Failed", "Stalled", "Timed-Out", "Age"])
    #expect(version?[path: "subresources", "scale", "labelSelectorPath"] == ".status.selector")
  }

  private static var examples: [String] {
    let files = try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: "examples").path)
    return (files ?? []).filter { $0.hasSuffix(".yaml") }.sorted()
  }

  @Test(arguments: examples) func theExampleIsSound(file: String) throws {
    let resources = try documents("examples/\(file)")
    let workflows = resources.filter { $0.kind == "Workflow" }
    #expect(!workflows.isEmpty)
    for workflow in workflows {
      let buckets = resources.filter { $0.kind == "Bucket" && $0["spec", "workflow"]?.stringValue == workflow.name }
      #expect(SoundnessCheck.findings(workflow: workflow, buckets: buckets) == [])
      #expect(PodComposer.findings(in: workflow) == [])
    }
  }

  @Test func theExamplesAreThere() { #expect(Self.examples.contains("wordcount.yaml")) }

  @Test func warningsAreToldAndTheWorkflowIsAccepted() throws {
    let resources = try documents("examples/wordcount.yaml")
    let workflow = try #require(resources.first { $0.kind == "Workflow" })
    var bucket = try #require(resources.first { $0.name == "words" })
    bucket["spec", "triggers"] = [
      ["name": "t", "target": "count", "byBatchSize": ["count": 2, "maxWait": "1s", "scope": "Session"]]
    ]
    let buckets = [bucket] + resources.filter { $0.name == "counts" }
    let findings = SoundnessCheck.findings(workflow: workflow, buckets: buckets)
    #expect(findings.map(\.isError) == [false])
    let status = WorkflowStatus(
      workflow: workflow, settings: WorkflowSettings(workflow), verdict: .accepted, warnings: findings, bucketCount: 2,
      revision: "r", pods: [], plan: PodPlan())
    let accepted = try #require(status.conditions().first { $0.type == "Accepted" })
    #expect(accepted.status == "True")
    #expect(accepted.message.contains("maxWait has no effect"))
    let conditions = BucketStatus(bucket: bucket, workflow: workflow, findings: findings).conditions()
    #expect(conditions.map(\.status) == ["True", "True"])
    #expect(conditions[0].message.contains("maxWait has no effect"))
  }

  @Test func theInstallationIsNotStale() throws {
    let install = try documents("install.yaml")
    for document in install { #expect(!document.kind.isEmpty && !document.name.isEmpty) }
    for file in ["workflows", "buckets"] {
      let definition = try documents("crds/\(file).yaml")[0]
      let installed = install.first { $0.kind == definition.kind && $0.name == definition.name }
      #expect(installed?["spec"] == definition["spec"], "run hack/render-install: crds/\(file).yaml has changed")
    }
  }

  /// Only the one that leads is ready, so an upgrade that waits for a second one to be ready never ends.
  @Test func theCoordinatorMakesRoomForItsUpgrade() throws {
    for file in Self.installations {
      let deployment = try documents(file).first { $0.kind == "Deployment" && $0.name == "pheromone-coordinator" }
      #expect(deployment?["spec", "strategy", "rollingUpdate"] == ["maxSurge": 0, "maxUnavailable": 1])
    }
  }

  /// Rights are asked for by name: no wildcards, no secrets, nothing that could raise them.
  @Test(arguments: installations) func rightsAreLeast(file: String) throws {
    let roles = try documents(file).filter { $0.kind.hasSuffix("Role") }
    #expect(roles.count >= 4)
    for role in roles {
      for rule in role["rules"]?.arrayValue ?? [] {
        for list in ["apiGroups", "resources", "verbs"] {
          #expect(rule[list]?.arrayValue?.contains("*") == false)
        }
        #expect(rule["resources"]?.arrayValue?.contains("secrets") == false)
        #expect(rule["apiGroups"]?.arrayValue?.contains("rbac.authorization.k8s.io") == false)
      }
    }
  }
}
