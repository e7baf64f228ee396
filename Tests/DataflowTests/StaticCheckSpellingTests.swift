import Dataflow
import Testing

@Suite("Static check: probably misspelt")
struct StaticCheckSpellingTests {
  static func findings(_ triggers: [TriggerSpec], elsewhere: [TriggerSpec] = []) -> [Finding] {
    PlanCompiler.compile(
      namespace: "n", workflow: "w",
      spec: WorkflowSpec(
        entry: "f", functions: [FunctionSpec(name: "f", outputs: ["x", "y"]), FunctionSpec(name: "g", outputs: [])]),
      buckets: [
        "x": BucketSpec(workflow: "w", triggers: triggers), "y": BucketSpec(workflow: "w", triggers: elsewhere),
      ]
    ).findings.filter { !$0.message.contains("nothing can reach") }
  }

  @Test("A key that is almost another trigger's, in the same bucket and in another one")
  func keys() throws {
    let usual = TriggerSpec(name: "usual", target: "g", .bySet(["left", "right"]))
    let odd = TriggerSpec(name: "odd", target: "g", .byName(["stop", "rihgt"]))
    for (findings, bucket, index) in [
      (Self.findings([usual, odd]), "x", 1), (Self.findings([usual], elsewhere: [odd]), "y", 0),
    ] {
      let finding = try #require(findings.first)
      #expect(findings.count == 1)
      #expect(finding.resource == "Bucket/\(bucket)")
      #expect(finding.field == "spec.triggers[\(index)].byName.names[1]")
      #expect(finding.message.contains("\"rihgt\" is almost \"right\", which x/usual waits for"))
      #expect(finding.remedy.contains("did you mean \"right\"?"))
      #expect(finding.severity == .warning)
    }
  }

  @Test("The key that fewer triggers wait for is the suspect, wherever it stands")
  func suspect() {
    let findings = Self.findings(
      [
        TriggerSpec(name: "a", target: "g", .byName(["stert"])),
        TriggerSpec(name: "b", target: "g", .byName(["start"])),
      ],
      elsewhere: [TriggerSpec(name: "c", target: "g", .bySet(["start", "other"]))])
    #expect(findings.map(\.field) == ["spec.triggers[0].byName.names[0]"])
  }

  @Test(
    "Keys that count, short ones, and those that stand together somewhere are left alone",
    arguments: [
      (["part-1", "part-2"], ["part-3"]), (["row-a"], ["row-b"]), (["in", "out"], ["on"]), (["left"], ["right"]),
      (["left"], ["left"]), (["order", "orders"], ["orders"]), (["v1beta1"], ["v1beta2"]), (["stage10"], ["stage1"]),
    ])
  func left(one: [String], other: [String]) {
    #expect(
      Self.findings([
        TriggerSpec(name: "a", target: "g", .byName(one)), TriggerSpec(name: "b", target: "g", .bySet(other)),
      ]) == [])
  }

  @Test(
    "Slips: a letter more, less, wrong, two that changed places, another case",
    arguments: [("merged", "merge"), ("hello", "helo"), ("begin", "begun"), ("words", "wrods"), ("Left", "left")])
  func slips(one: String, other: String) { #expect(Spelling.slips(among: [one, other]).count == 1) }

  @Test("A bucket that nobody puts into beside one of almost its name")
  func bucket() {
    let findings = PlanCompiler.compile(
      namespace: "n", workflow: "w",
      spec: WorkflowSpec(
        entry: "f", functions: [FunctionSpec(name: "f", outputs: ["words"]), FunctionSpec(name: "g", outputs: [])]),
      buckets: [
        "words": BucketSpec(workflow: "w", triggers: []),
        "wrods": BucketSpec(workflow: "w", triggers: [TriggerSpec(name: "t", target: "g", .immediate)]),
      ]
    ).findings
    #expect(findings.map(\.resource) == ["Bucket/wrods"])
    #expect(findings.map(\.field) == ["metadata.name"])
    #expect(findings.map(\.severity) == [.warning])
  }
}
