import Dataflow
import Foundation
import Testing

@testable import pheromone

@Suite struct LinterTests {
  static let workflow = """
    apiVersion: pheromone.dev/v1alpha1
    kind: Workflow
    metadata: {name: wc}
    spec:
      entry: split
      functions:
      - {name: split, outputs: [words]}
      - {name: count, outputs: []}
      template: {spec: {containers: [{name: app, image: x}]}}
    ---
    apiVersion: pheromone.dev/v1alpha1
    kind: Bucket
    metadata: {name: words}
    spec:
      workflow: wc
      triggers:
      - {name: each, target: count, immediate: {}}

    """

  static func lint(_ text: String) -> [Linter.Placed] {
    var linter = Linter()
    linter.add(text, file: "f.yaml")
    return linter.finish()
  }

  @Test func `a sound workflow has no findings`() { #expect(Self.lint(Self.workflow).isEmpty) }

  @Test func `what is in a list is checked, and its faults are found where they stand`() {
    let parts = Self.workflow.replacing("target: count", with: "target: cuont").components(separatedBy: "---\n")
    let items = parts.map { part in
      part.split(separator: "\n").enumerated().map { ($0 == 0 ? "- " : "  ") + $1 }.joined(separator: "\n")
    }
    let list = "apiVersion: v1\nkind: List\nitems:\n" + items.joined(separator: "\n") + "\n"
    #expect(
      Self.lint(list).map { "\($0.line) \($0.resource) \($0.field)" } == ["19 Bucket/words spec.triggers[0].target"])
    #expect(Self.lint(list.replacing("cuont", with: "count")).isEmpty)
  }

  @Test(arguments: [
    ("target: count", "target: cuont", 17, "spec.triggers[0].target"),
    ("immediate: {}", "immediate: {}, byName: {names: [a]}", 17, "spec.triggers[0]"),
    (", immediate: {}", "", 17, "spec.triggers[0]"),
    ("entry: split", "entry: nope", 5, "spec.entry"),
    ("name: count,", "name: split,", 8, "spec.functions[1]"),
    ("entry: split", "entry: split\n  replica: 3", 6, "spec.replica"),
    ("workflow: wc", "workflow: other", 15, "spec.workflow"),
  ])
  func `faults are found where they stand`(old: String, new: String, line: Int, field: String) {
    let findings = Self.lint(Self.workflow.replacing(old, with: new))
    #expect(findings.contains { $0.line == line && $0.field == field }, "\(findings)")
  }

  @Test(arguments: [
    ("immediate: {}", "immediate: ", 17, "spec.triggers[0].immediate", "write immediate: {}"),
    ("immediate: {}", "byTime: ~", 17, "spec.triggers[0].byTime", "write its fields"),
    ("apiVersion: pheromone.dev/v1alpha1", "apiVersion: pheromone.dev/v1", 1, "apiVersion", "pheromone.dev/v1alpha1"),
    // Without a spec that kind would have, too.
    ("kind: Bucket\nmetadata: {name: words}\nspec:", "kind: Bukcet\nspecs:", 12, "kind", "Workflow or Bucket"),
  ])
  func `what the cluster would not take is no sound manifest`(
    old: String, new: String, line: Int, field: String, remedy: String
  ) {
    let findings = Self.lint(Self.workflow.replacing(old, with: new))
    let ofLine = findings.filter { $0.line == line }
    #expect(ofLine.map(\.field) == [field], "\(findings)")
    #expect(ofLine.first?.remedy.contains(remedy) == true, "\(findings)")
    #expect(!findings.contains { $0.field == "spec" }, "\(findings)")
  }

  @Test func `an argument with nothing to check is a finding`() {
    var linter = Linter()
    let other = Self.workflow.replacing("pheromone.dev/", with: "pheromon.dev/")
    linter.add([("a.yaml", other)], of: "a.yaml")
    linter.add([("b/1.yaml", other), ("b/2.yaml", Self.workflow)], of: "b")
    let findings = linter.finish()
    #expect(findings.map(\.file) == ["a.yaml"])
    #expect(findings.first?.message == "nothing to check in a.yaml")
    #expect(findings.first?.severity == .error)
  }

  @Test(arguments: [
    // What the schema refuses hides nothing else in the trigger, …
    (
      "target: count, immediate: {}", "target: cuont, byBatchSize: {count: 0}",
      ["triggers[0].byBatchSize.count", "triggers[0].target"]
    ),
    // … nor in the workflow, …
    (
      "  - {name: count, outputs: []}\n  template", "  - {name: count, outputs: [wrods]}\n  templte",
      ["functions[1].outputs[0]", "template", "templte"]
    ),
    // … nor in the other triggers of a bucket, where one cannot even be read, …
    (
      "{name: each, target: count, immediate: {}}", "{name: each, target: cuont, immediate: {}}\n  - {target: cuont}",
      ["triggers[0].target", "triggers[1]", "triggers[1].name"]
    ),
    // … and is not told again as what follows from it.
    ("immediate: {}", "imediate: {}", ["triggers[0]", "triggers[0].imediate"]),
    ("name: each,", "nam: each,", ["triggers[0].nam", "triggers[0].name"]),
    ("  triggers:", "  triggrs:", ["triggrs"]),
    ("outputs: [words]", "ouputs: [words]", ["functions[0].ouputs"]),
  ])
  func `the schema's findings and the graph's come together`(old: String, new: String, fields: [String]) {
    let findings = Self.lint(Self.workflow.replacing(old, with: new))
    #expect(findings.map(\.field).sorted() == fields.map { "spec.\($0)" }, "\(findings)")
  }

  @Test func `what a real API server refuses is refused, naming the same field`() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let folder = root.appending(path: "EndToEndTests/Fixtures/Contract")
    let lines = try String(contentsOf: folder.appending(path: "expected.txt"), encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 31)
    for line in lines {
      let sides = line.split(separator: "\t", maxSplits: 1).map(String.init)
      let findings = Self.lint(try String(contentsOf: folder.appending(path: sides[0]), encoding: .utf8))
      if sides[1] == "accepted" {
        // Alone, a workflow lacks its buckets; that is all there is to say.
        let others = findings.filter { $0.severity == .error && !$0.field.hasPrefix("spec.functions[") }
        #expect(others.isEmpty, "\(sides[0]): \(others)")
        continue
      }
      let fields = sides[1].matches(of: #/(?:^|[ "])(spec(?:\.[A-Za-z]+(?:\[\d+\])?)*)(?=[: ")])/#).map {
        String($0.output.1)
      }
      #expect(findings.contains { fields.isEmpty || fields.contains($0.field) }, "\(sides[0]): \(findings)")
      #expect(findings.contains { $0.severity == .error }, "\(sides[0])")
    }
  }

  @Test func `a bucket whose workflow is elsewhere is checked by itself`() {
    let bucket = """
      apiVersion: pheromone.dev/v1alpha1
      kind: Bucket
      metadata: {name: words}
      spec:
        workflow: wc
        triggers:
        - {name: one, target: count, bySet: {names: [left, right]}}
        - {name: two, target: count, byName: {names: [rihgt]}}
        - {name: three, target: count, recovery: {source: split, timeout: soon}, immediate: {}}

      """
    let findings = Self.lint(bucket)
    #expect(findings.map(\.field) == ["spec.triggers[1].byName.names[0]", "spec.triggers[2].recovery.timeout"])
    #expect(findings.map(\.line) == [8, 9])
    #expect(findings.map(\.severity) == [.warning, .error])
    #expect(findings.first?.description.contains("warning: Bucket/words") == true)
  }

  @Test func `what is no YAML is named with its place`() {
    let findings = Self.lint("kind: Workflow\nspec: {entry: [split\n")
    #expect(findings.count == 1)
    #expect(findings.first?.description.contains(#/^f\.yaml:\d+:\d+: /#) == true)
  }
}
