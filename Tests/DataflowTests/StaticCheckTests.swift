import Dataflow
import Testing

@Suite("Static check")
struct StaticCheckTests {
  /// Something that is wrong, and the finding that it must lead to.
  struct Fault: Sendable, CustomTestStringConvertible {
    var name: String
    var spec: WorkflowSpec
    var buckets: [String: BucketSpec]
    var resource: String
    var field: String
    /// A part of the message.
    var message: String
    /// A part of the remedy.
    var remedy: String
    var testDescription: String { name }

    init(
      _ name: String, _ resource: String, _ field: String, _ message: String, _ remedy: String,
      change: (inout WorkflowSpec, inout [String: BucketSpec]) -> Void
    ) {
      self.name = name
      self.resource = resource
      self.field = field
      self.message = message
      self.remedy = remedy
      spec = StaticCheckTests.spec
      buckets = StaticCheckTests.buckets
      change(&spec, &buckets)
    }
  }

  static let spec = WorkflowSpec(
    entry: "split",
    functions: [
      FunctionSpec(name: "split", outputs: ["words"]), FunctionSpec(name: "count", outputs: ["counts"]),
      FunctionSpec(name: "merge", outputs: []),
    ])
  static let buckets = [
    "words": BucketSpec(workflow: "w", triggers: [TriggerSpec(name: "each", target: "count", .immediate)]),
    "counts": BucketSpec(
      workflow: "w", triggers: [TriggerSpec(name: "all", target: "merge", .dynamicJoin(announcedBy: ["split"]))]),
  ]

  @Test("The starting point of all the faults is sound")
  func sound() {
    let (plan, findings) = PlanCompiler.compile(
      namespace: "n", workflow: "w", spec: Self.spec, buckets: Self.buckets)
    #expect(plan != nil)
    #expect(findings == [])
  }

  @Test("Each fault is told with its resource, field and remedy", arguments: valueFaults + triggerFaults + graphFaults)
  func fault(_ fault: Fault) {
    let (plan, findings) = PlanCompiler.compile(
      namespace: "n", workflow: "w", spec: fault.spec, buckets: fault.buckets)
    #expect(plan == nil)
    let finding = findings.first { $0.field == fault.field && $0.resource == fault.resource }
    #expect(finding != nil, "\(findings)")
    #expect(finding?.message.contains(fault.message) != false, "\(findings)")
    #expect(finding?.remedy.contains(fault.remedy) != false, "\(findings)")
  }

  /// Changes of the starting point that are sound.
  static let soundChanges: [(String, @Sendable (inout WorkflowSpec, inout [String: BucketSpec]) -> Void)] = [
    ("publish at once", { spec, _ in spec.functions[1].publish = .immediately }),
    (
      "a call makes a function reachable",
      { spec, _ in
        spec.functions[1].calls = ["audit"]
        spec.functions.append(FunctionSpec(name: "audit", outputs: []))
      }
    ),
    ("batches of one", { $1["words"]?.triggers[0].primitives = [.byBatchSize(.init(count: 1, scope: .session))] }),
    (
      "batches of 2^31 - 1",
      {
        $1["words"]?.triggers[0].primitives = [.byBatchSize(.init(count: 1 << 31 - 1, scope: .session))]
      }
    ),
    ("all keys there may be", { $1["words"]?.triggers[0].primitives = [.byName((0..<1024).map { "\($0)" })] }),
    ("the longest key", { $1["words"]?.triggers[0].primitives = [.bySet([String(repeating: "x", count: 253)])] }),
    ("all of three", { $1["counts"]?.triggers[0].primitives = [.redundant(.init(count: 3, take: 3))] }),
    ("groups by both", { $1["counts"]?.triggers[0].primitives = [.dynamicGroup(sources: ["split", "count"])] }),
    ("recovery", { $1["words"]?.triggers[0].recovery = .init(source: "split", timeout: "1s", limit: 1) }),
    (
      "windows after a join",
      { spec, buckets in
        spec.functions[2].outputs = ["report"]
        spec.functions.append(FunctionSpec(name: "tell", outputs: []))
        buckets["report"] = BucketSpec(
          workflow: "w", triggers: [TriggerSpec(name: "t", target: "tell", .byTime(.init(window: "1ms")))])
      }
    ),
  ]

  @Test("What is sound has no findings", arguments: soundChanges.indices)
  func soundChange(index: Int) {
    let (name, change) = Self.soundChanges[index]
    var (spec, buckets) = (Self.spec, Self.buckets)
    change(&spec, &buckets)
    #expect(
      PlanCompiler.compile(namespace: "n", workflow: "w", spec: spec, buckets: buckets).findings == [], "\(name)")
  }

  @Test("One mistake is told once, and not again as what follows from it in the graph")
  func consequences() {
    for change in [
      { $1["words"]?.triggers[0].target = "cuont" }, { spec, _ in spec.functions[0].outputs = ["wrods"] },
      { $1["words"]?.triggers[0].primitives = [] }, { spec, _ in spec.functions[0].calls = ["x"] },
    ] as [(inout WorkflowSpec, inout [String: BucketSpec]) -> Void] {
      var (spec, buckets) = (Self.spec, Self.buckets)
      change(&spec, &buckets)
      let findings = PlanCompiler.compile(namespace: "n", workflow: "w", spec: spec, buckets: buckets).findings
      #expect(findings.count == 1, "\(findings)")
    }
  }

  @Test("However much is wrong, findings are bounded, and warnings displace no errors")
  func bounded() {
    var (spec, buckets) = (Self.spec, Self.buckets)
    for bucket in 0..<20 {
      buckets["b\(bucket)"] = BucketSpec(
        workflow: "w",
        triggers: (0..<64).map {
          TriggerSpec(
            name: "t\($0)", target: "count", .byBatchSize(.init(count: 2, maxWait: "1s", scope: .session)))
        })
    }
    let warned = PlanCompiler.compile(namespace: "n", workflow: "w", spec: spec, buckets: buckets)
    #expect(warned.findings.count == 1000)
    #expect(warned.plan != nil)
    spec.functions[2].calls = ["nobody"]
    buckets["b19"]?.triggers[63].target = "cuont"
    let refused = PlanCompiler.compile(namespace: "n", workflow: "w", spec: spec, buckets: buckets)
    #expect(refused.plan == nil)
    #expect(refused.findings.count { $0.isError } == 2)
    spec.functions = (0..<256).map { function in
      FunctionSpec(name: "f\(function)", outputs: (0..<256).map { "nowhere-\($0)" })
    }
    let hopeless = PlanCompiler.compile(namespace: "n", workflow: "w", spec: spec, buckets: buckets)
    #expect(hopeless.findings.count { $0.isError } == 1000)
  }

  @Test("A setting without effect is a warning, and the plan is accepted")
  func warning() {
    var buckets = Self.buckets
    buckets["words"]?.triggers[0].primitives = [.byBatchSize(.init(count: 2, maxWait: "1s", scope: .session))]
    let (plan, findings) = PlanCompiler.compile(namespace: "n", workflow: "w", spec: Self.spec, buckets: buckets)
    #expect(plan != nil)
    #expect(findings.map(\.field) == ["spec.triggers[0].byBatchSize.maxWait"])
    #expect(findings.first?.severity == .warning)
  }

  @Test(
    "A time that never comes, since another is over before it, is a warning with both",
    arguments: [
      ("2m", nil, nil, ["spec.functions[0].timeout"], "its session is over after 60s (spec.sessionTimeout)"),
      ("60s", nil, nil, [], ""),
      ("1s", "1s", nil, ["spec.triggers[0].recovery.timeout"], "(spec.functions[0].timeout)"),
      ("1s", "999ms", nil, [], ""), (nil, "59s", nil, [], ""),
      (nil, "1m", nil, ["spec.triggers[0].recovery.timeout"], "is ended after 60s (spec.sessionTimeout)"),
      ("2s", "2s", "1s", ["spec.functions[0].timeout", "spec.triggers[0].recovery.timeout"], "(spec.sessionTimeout)"),
      ("soon", "x", nil, ["spec.functions[0].timeout", "spec.triggers[0].recovery.timeout"], "is no duration"),
    ] as [(String?, String?, String?, [String], String)])
  func times(timeout: String?, recovery: String?, session: String?, fields: [String], message: String) {
    var (spec, buckets) = (Self.spec, Self.buckets)
    spec.functions[0].timeout = timeout
    spec.sessionTimeout = session ?? spec.sessionTimeout
    buckets["words"]?.triggers[0].recovery = recovery.map { .init(source: "split", timeout: $0) }
    let (plan, findings) = PlanCompiler.compile(namespace: "n", workflow: "w", spec: spec, buckets: buckets)
    #expect(findings.map(\.field) == fields)
    #expect(findings.allSatisfy { $0.message.contains(message) }, "\(findings)")
    #expect((plan == nil) == (message == "is no duration"))
  }

  @Test(
    "Of two recoveries of one function the longer one has no effect, wherever it stands", arguments: ["500ms", "2s"])
  func rivals(second: String) {
    var buckets = Self.buckets
    buckets["words"]?.triggers[0].recovery = .init(source: "split", timeout: "1s")
    buckets["words"]?.triggers.append(
      TriggerSpec(name: "more", target: "count", .byName(["k"]), recovery: .init(source: "split", timeout: second)))
    let (plan, findings) = PlanCompiler.compile(namespace: "n", workflow: "w", spec: Self.spec, buckets: buckets)
    #expect(plan != nil)
    #expect(findings.map(\.field) == ["spec.triggers[\(second == "2s" ? 1 : 0)].recovery"])
    #expect(findings.first?.message.contains("words/\(second == "2s" ? "each" : "more") asks for a second") == true)
  }

  @Test("A bucket that nobody writes to may be filled from outside")
  func openBucket() {
    var spec = Self.spec
    spec.functions.append(FunctionSpec(name: "audit", outputs: []))
    var buckets = Self.buckets
    buckets["inbox"] = BucketSpec(workflow: "w", triggers: [TriggerSpec(name: "a", target: "audit", .immediate)])
    let (plan, findings) = PlanCompiler.compile(namespace: "n", workflow: "w", spec: spec, buckets: buckets)
    #expect(findings == [])
    #expect(plan != nil)
  }

  @Test("A cycle without a join is sound, and needs no declared outputs")
  func cycle() {
    let spec = WorkflowSpec(entry: "step", functions: [FunctionSpec(name: "step")])
    let buckets = ["again": BucketSpec(workflow: "w", triggers: [TriggerSpec(name: "a", target: "step", .immediate)])]
    #expect(PlanCompiler.compile(namespace: "n", workflow: "w", spec: spec, buckets: buckets).findings == [])
  }

  @Test("All findings come at once")
  func all() {
    var spec = Self.spec
    spec.entry = "nowhere"
    spec.executors = 0
    spec.retention = "x"
    let findings = PlanCompiler.compile(namespace: "n", workflow: "w", spec: spec, buckets: Self.buckets).findings
    #expect(findings.map(\.field) == ["spec.retention", "spec.executors", "spec.entry"])
    #expect(findings.first?.description.hasPrefix("Workflow/w: spec.retention: ") == true)
  }
}
