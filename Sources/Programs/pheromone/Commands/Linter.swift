import Dataflow
import KubernetesAPI
import KubernetesClient

/// Checks manifests: each against its schema's rules, and each workflow together with its buckets.
struct Linter {
  struct Placed: Hashable, Codable, CustomStringConvertible {
    var file: String
    var line: Int
    var column: Int
    var resource: String
    var field: String
    var message: String
    var remedy: String

    var description: String {
      let subject = resource.isEmpty ? "" : " \(resource): \(field):"
      return "\(file):\(line):\(column):\(subject) \(message)" + (remedy.isEmpty ? "" : "; \(remedy)")
    }
  }

  private struct Item {
    var document: YAMLDocument
    var object: KubernetesObject
    var resource: String { "\(object.kind)/\(object.name)" }
  }

  private var items: [Item] = []
  private var findings: [Placed] = []
  private(set) var workflowCount = 0
  private(set) var bucketCount = 0

  mutating func add(_ text: String, file: String) {
    do {
      for document in try YAML.parseWithLines(text, file: file) {
        let object = KubernetesObject(document.value)
        guard object.apiVersion.hasPrefix("pheromone.dev/") else { continue }
        items.append(Item(document: document, object: object))
      }
    } catch {
      findings.append(
        Placed(
          file: error.file, line: error.line, column: error.column, resource: "", field: "", message: error.message,
          remedy: ""))
    }
  }

  /// All findings, in the order of files and lines.
  mutating func finish() -> [Placed] {
    let unsound = checkSchemas()
    var specs: [Int: WorkflowSpec] = [:]
    var buckets: [Int: BucketSpec] = [:]
    for (index, item) in items.enumerated() where !unsound.contains(index) {
      switch item.object.kind {
      case "Workflow": specs[index] = decode(item)
      case "Bucket": buckets[index] = decode(item)
      default: break
      }
    }
    workflowCount = items.count { $0.object.kind == "Workflow" }
    bucketCount = items.count { $0.object.kind == "Bucket" }
    for (index, spec) in specs.sorted(by: { $0.key < $1.key }) { check(index, spec, buckets, unsound) }
    for (index, spec) in buckets where specs.isEmpty || !hasWorkflow(index, spec) {
      // A bucket alone is checked as far as that goes; its workflow may be in the cluster.
      if workflowCount > 0, !unsound.contains(index) {
        report(
          items[index],
          Finding(
            resource: items[index].resource, field: "spec.workflow",
            message: "there is no workflow \(spec.workflow) in these files",
            remedy: "correct the name, or give its file too"))
      }
    }
    var seen: Set<Placed> = []
    return findings.filter { seen.insert($0).inserted }.sorted {
      ($0.file, $0.line, $0.column) < ($1.file, $1.line, $1.column)
    }
  }

  private mutating func checkSchemas() -> Set<Int> {
    var unsound: Set<Int> = []
    var names: Set<String> = []
    for (index, item) in items.enumerated() {
      var found = SchemaCheck.findings(item.object)
      let name = "\(item.object.namespace ?? "")/\(item.resource)"
      if !names.insert(name).inserted {
        found.append(
          Finding(
            resource: item.resource, field: "metadata.name", message: "there are two of this name",
            remedy: "rename one of them"))
      }
      for finding in found { report(item, finding) }
      if !found.isEmpty { unsound.insert(index) }
    }
    return unsound
  }

  private mutating func decode<Spec: Decodable>(_ item: Item) -> Spec? {
    do {
      return try (item.object["spec"] ?? .emptyObject).decode(Spec.self)
    } catch let error as DecodingError {
      report(item, Finding(decodingError: error, resource: item.resource))
    } catch {
      report(item, Finding(resource: item.resource, field: "spec", message: "\(error)", remedy: "see kubectl explain"))
    }
    return nil
  }

  private func hasWorkflow(_ index: Int, _ spec: BucketSpec) -> Bool {
    items.contains {
      $0.object.kind == "Workflow" && $0.object.name == spec.workflow
        && $0.object.namespace == items[index].object.namespace
    }
  }

  private mutating func check(
    _ index: Int, _ spec: WorkflowSpec, _ buckets: [Int: BucketSpec], _ unsound: Set<Int>
  ) {
    let workflow = items[index].object
    let own = buckets.filter {
      $0.value.workflow == workflow.name && items[$0.key].object.namespace == workflow.namespace
    }
    // With a bucket that cannot even be read, most of what the graph lacks would only be its consequence.
    let isIncomplete = items.indices.contains {
      unsound.contains($0) && items[$0].object["spec", "workflow"]?.stringValue == workflow.name
    }
    guard !isIncomplete else { return }
    let specs = Dictionary(own.map { (items[$0.key].object.name, $0.value) }) { first, _ in first }
    let (_, found) = PlanCompiler.compile(
      namespace: workflow.namespace ?? "default", workflow: workflow.name, spec: spec, buckets: specs)
    for finding in found {
      let item = own.keys.map { items[$0] }.first { $0.resource == finding.resource } ?? items[index]
      report(item, finding)
    }
  }

  private mutating func report(_ item: Item, _ finding: Finding) {
    let place = item.document.position(of: finding.field)
    findings.append(
      Placed(
        file: item.document.file, line: place.line, column: place.column, resource: finding.resource,
        field: finding.field, message: finding.message, remedy: finding.remedy))
  }
}
