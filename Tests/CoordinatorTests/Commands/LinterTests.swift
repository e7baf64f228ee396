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

  @Test func `what is no YAML is named with its place`() {
    let findings = Self.lint("kind: Workflow\nspec: {entry: [split\n")
    #expect(findings.count == 1)
    #expect(findings.first?.description.contains(#/^f\.yaml:\d+:\d+: /#) == true)
  }
}
