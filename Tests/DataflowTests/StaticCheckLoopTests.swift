import Dataflow
import Testing

@Suite("Static check: cycles without a choice")
struct StaticCheckLoopTests {
  static func findings(_ functions: [FunctionSpec], _ buckets: [String: [TriggerSpec]]) -> [Finding] {
    PlanCompiler.compile(
      namespace: "n", workflow: "w", spec: WorkflowSpec(entry: functions[0].name, functions: functions),
      buckets: buckets.mapValues { BucketSpec(workflow: "w", triggers: $0) }
    ).findings
  }

  static let again = ["again": [TriggerSpec(name: "t", target: "step", .immediate)]]

  @Test("A function that can only fire itself")
  func own() throws {
    let findings = Self.findings([FunctionSpec(name: "step", outputs: ["again"])], Self.again)
    let finding = try #require(findings.first)
    #expect(findings.count == 1)
    #expect(finding.resource == "Workflow/w")
    #expect(finding.field == "spec.functions[0].outputs")
    #expect(finding.message.contains("step → again → step has no choice"))
    #expect(finding.message.contains("for ever"))
    #expect(finding.remedy.contains("another bucket when it is done"))
    #expect(finding.remedy.contains("byName"))
  }

  @Test("A function that can only call itself, and two that can only call one another")
  func calls() {
    #expect(
      Self.findings([FunctionSpec(name: "step", outputs: [], calls: ["step"])], [:]).map(\.field)
        == ["spec.functions[0].calls"])
    let pair = [
      FunctionSpec(name: "ping", outputs: [], calls: ["pong"]),
      FunctionSpec(name: "pong", outputs: [], calls: ["ping"]),
    ]
    #expect(Self.findings(pair, [:]).map(\.field) == ["spec.functions[0].calls"])
  }

  @Test("Two ways that both come back are no choice, and the way into the cycle is not blamed")
  func twoWays() {
    let findings = Self.findings(
      [
        FunctionSpec(name: "begin", outputs: ["left"]), FunctionSpec(name: "step", outputs: ["left", "right"]),
      ],
      [
        "left": [TriggerSpec(name: "t", target: "step", .immediate)],
        "right": [TriggerSpec(name: "t", target: "step", .byBatchSize(.init(count: 2, scope: .session)))],
      ])
    #expect(findings.map(\.field) == ["spec.functions[1].outputs"])
  }

  @Test("A batch or a window that feeds itself goes on from session to session")
  func acrossSessions() {
    for primitive in [Primitive.byBatchSize(.init(count: 2)), .byTime(.init(window: "1s"))] {
      let findings = Self.findings(
        [FunctionSpec(name: "step", outputs: ["again"])],
        ["again": [TriggerSpec(name: "t", target: "step", primitive)]])
      #expect(findings.map(\.field) == ["spec.functions[0].outputs"])
      #expect(findings.first?.message.contains("a session of its own") == true)
    }
  }

  @Test("What fires once per session ends no cycle that goes on from session to session")
  func onceInEachSession() {
    for primitive in [Primitive.redundant(.init(count: 1, take: 1)), .dynamicGroup(sources: ["step"])] {
      let functions = [
        FunctionSpec(name: "step", outputs: ["gather"]), FunctionSpec(name: "back", outputs: ["again"]),
      ]
      let buckets = [
        "again": [TriggerSpec(name: "t", target: "step", .byBatchSize(.init(count: 1)))],
        "gather": [TriggerSpec(name: "t", target: "back", primitive)],
      ]
      let findings = Self.findings(functions, buckets)
      #expect(findings.map(\.field) == ["spec.functions[0].outputs"], "\(findings)")
      #expect(findings.first?.message.contains("step → gather → back → again → step has no choice") == true)
      #expect(findings.first?.message.contains("a session of its own") == true)
    }
  }

  @Test(
    "What has a choice is sound",
    arguments: [
      // A bucket without triggers takes the result.
      ([FunctionSpec(name: "step", outputs: ["again", "done"])], again.merging(["done": []]) { $1 }),
      ([FunctionSpec(name: "step", outputs: ["done"], calls: ["step"])], ["done": []]),
      // Nobody knows where it puts.
      ([FunctionSpec(name: "step")], again),
      // The key decides.
      (
        [FunctionSpec(name: "step", outputs: ["again"])],
        ["again": [TriggerSpec(name: "t", target: "step", .byName(["once-more"]))]]
      ),
      // The keys decide.
      (
        [FunctionSpec(name: "step", outputs: ["again"])],
        ["again": [TriggerSpec(name: "t", target: "step", .bySet(["left", "right"]))]]
      ),
      // Another function ends it.
      (
        [FunctionSpec(name: "step", outputs: ["again"], calls: ["finish"]), FunctionSpec(name: "finish", outputs: [])],
        again
      ),
      // A window is put back into a bucket of its own, from where a choice leads on.
      (
        [FunctionSpec(name: "step", outputs: ["again", "done"])],
        ["again": [TriggerSpec(name: "t", target: "step", .byTime(.init(window: "1s")))], "done": []]
      ),
    ] as [([FunctionSpec], [String: [TriggerSpec]])])
  func choice(functions: [FunctionSpec], buckets: [String: [TriggerSpec]]) {
    #expect(Self.findings(functions, buckets) == [])
  }

  @Test("Each cycle is told once")
  func several() {
    let findings = Self.findings(
      [
        FunctionSpec(name: "a", outputs: ["x"]), FunctionSpec(name: "b", outputs: ["x"]),
        FunctionSpec(name: "c", outputs: ["y"]),
      ],
      [
        "x": [TriggerSpec(name: "a", target: "a", .immediate), TriggerSpec(name: "b", target: "b", .immediate)],
        "y": [TriggerSpec(name: "c", target: "c", .immediate)],
      ])
    let cycles = findings.filter { $0.message.contains("has no choice") }
    #expect(cycles.map(\.field) == ["spec.functions[0].outputs", "spec.functions[2].outputs"])
  }
}
