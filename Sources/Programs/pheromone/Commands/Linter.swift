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
    var severity = Finding.Severity.error

    var description: String {
      let subject = (severity == .warning ? " warning:" : "") + (resource.isEmpty ? "" : " \(resource): \(field):")
      return "\(file):\(line):\(column):\(subject) \(message)" + (remedy.isEmpty ? "" : "; \(remedy)")
    }
  }

  struct Item {
    var document: YAMLDocument
    /// Where the resource stands in the document: empty, or such as `items[0].` in a list.
    var place = ""
    var object: KubernetesObject
    /// The fields that the schema has something against.
    var faults: [String] = []
    /// Another one before it has the same kind and name.
    var isRepeated = false
    var resource: String { "\(object.kind)/\(object.name)" }
    var namespace: String { object.namespace ?? "" }
  }

  private(set) var items: [Item] = []
  private var findings: [Placed] = []
  private(set) var workflowCount = 0
  private(set) var bucketCount = 0

  mutating func add(_ text: String, file: String) {
    do {
      for document in try YAML.parseWithLines(text, file: file) {
        let object = KubernetesObject(document.value)
        guard object.kind.hasSuffix("List"), let list = object["items"]?.arrayValue else {
          add(Item(document: document, object: object))
          continue
        }
        // What kubectl gets, and applies one by one.
        for (index, value) in list.enumerated() {
          add(Item(document: document, place: "items[\(index)].", object: KubernetesObject(value)))
        }
      }
    } catch {
      findings.append(
        Placed(
          file: error.file, line: error.line, column: error.column, resource: "", field: "", message: error.message,
          remedy: ""))
    }
  }

  private mutating func add(_ item: Item) {
    if item.object.apiVersion.hasPrefix("pheromone.dev/") { items.append(item) }
  }

  /// Adds the files of one argument. It fails if they hold nothing that is checked, since a group that is misspelled
  /// would otherwise look sound.
  mutating func add(_ files: [(name: String, text: String)], of argument: String) {
    let known = items.count + findings.count
    for file in files { add(file.text, file: file.name) }
    guard items.count + findings.count == known else { return }
    findings.append(
      Placed(
        file: argument, line: 1, column: 1, resource: "", field: "", message: "nothing to check in \(argument)",
        remedy: "a Workflow or a Bucket has the apiVersion \(ResourceType.workflow.apiVersion)"))
  }

  /// All findings, in the order of files and lines.
  mutating func finish() -> [Placed] {
    checkSchemas()
    workflowCount = items.count { $0.object.kind == "Workflow" }
    bucketCount = items.count { $0.object.kind == "Bucket" }
    for item in items where item.object.kind == "Workflow" && !item.isRepeated {
      check(item, named: item.object.name, in: item.namespace)
    }
    checkStrayBuckets()
    var seen: Set<Placed> = []
    return findings.filter { seen.insert($0).inserted }.sorted {
      ($0.file, $0.line, $0.column) < ($1.file, $1.line, $1.column)
    }
  }

  private mutating func checkSchemas() {
    var names: Set<String> = []
    for (index, item) in items.enumerated() {
      var found = SchemaCheck.findings(item.object)
      if !names.insert("\(item.namespace)/\(item.resource)").inserted {
        items[index].isRepeated = true
        found.append(
          Finding(
            resource: item.resource, field: "metadata.name", message: "there are two of this name",
            remedy: "rename one of them"))
      }
      if found.isEmpty { found += shapeFaults(item) }
      for finding in found { report(item, finding) }
      items[index].faults = found.map(\.field)
    }
  }

  /// What keeps a resource from being read, where the schema's rules have not said so already.
  private func shapeFaults(_ item: Item) -> [Finding] {
    do {
      let spec = item.object["spec"] ?? .emptyObject
      if item.object.kind == "Workflow" { _ = try spec.decode(WorkflowSpec.self) }
      if item.object.kind == "Bucket" { _ = try spec.decode(BucketSpec.self) }
      return []
    } catch let error as DecodingError {
      return [Finding(decodingError: error, resource: item.resource)]
    } catch {
      return [Finding(resource: item.resource, field: "spec", message: "\(error)", remedy: "see kubectl explain")]
    }
  }

  /// Buckets whose workflow is not here are checked by themselves; it may be in the cluster.
  private mutating func checkStrayBuckets() {
    var told: Set<[String]> = []
    for item in items where item.object.kind == "Bucket" {
      guard let name = item.object["spec", "workflow"]?.stringValue, !name.isEmpty else { continue }
      let isHere = items.contains {
        $0.object.kind == "Workflow" && $0.object.name == name && $0.namespace == item.namespace
      }
      guard !isHere else { continue }
      if told.insert([item.namespace, name]).inserted { check(nil, named: name, in: item.namespace) }
      if workflowCount > 0 {
        report(
          item,
          Finding(
            resource: item.resource, field: "spec.workflow", message: "there is no workflow \(name) in these files",
            remedy: "correct the name, or give its file too"))
      }
    }
  }

  /// Checks a workflow together with its buckets; without the workflow, the buckets alone.
  private mutating func check(_ workflow: Item?, named name: String, in namespace: String) {
    let group = LintGroup(workflow: workflow, name: name, items: items.filter { $0.namespace == namespace })
    for finding in group.findings {
      let item = group.members.first { $0.resource == finding.resource }
      if let item = item ?? workflow { report(item, finding) }
    }
  }

  private mutating func report(_ item: Item, _ finding: Finding) {
    let place = item.document.position(of: item.place + finding.field)
    findings.append(
      Placed(
        file: item.document.file, line: place.line, column: place.column, resource: finding.resource,
        field: finding.field, message: finding.message, remedy: finding.remedy, severity: finding.severity))
  }
}
