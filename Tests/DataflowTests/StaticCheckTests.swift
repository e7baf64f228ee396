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

  static let valueFaults: [Fault] = [
    Fault("session timeout is no duration", "Workflow/w", "spec.sessionTimeout", "\"soon\" is no duration", "200ms") {
      spec, _ in spec.sessionTimeout = "soon"
    },
    Fault("session timeout is zero", "Workflow/w", "spec.sessionTimeout", "greater than zero", "10s") {
      spec, _ in spec.sessionTimeout = "0s"
    },
    Fault("retention is negative", "Workflow/w", "spec.retention", "greater than zero", "10s") {
      spec, _ in spec.retention = "-1s"
    },
    Fault("forwardAfter is no duration", "Workflow/w", "spec.scheduling.forwardAfter", "no duration", "200ms") {
      spec, _ in spec.scheduling.forwardAfter = "5"
    },
    Fault("no executors", "Workflow/w", "spec.executors", "not 0", "1 or more") { spec, _ in spec.executors = 0 },
    Fault("memory is no quantity", "Workflow/w", "spec.sharedMemory", "\"much\" is no quantity", "256Mi") {
      spec, _ in spec.sharedMemory = "much"
    },
    Fault("memory is zero", "Workflow/w", "spec.sharedMemory", "greater than zero", "256Mi") {
      spec, _ in spec.sharedMemory = "0"
    },
    Fault("no functions", "Workflow/w", "spec.functions", "at least one function", "list") {
      spec, buckets in
      spec.functions = []
      buckets = [:]
    },
    Fault("a function twice", "Workflow/w", "spec.functions[3].name", "two functions \"merge\"", "rename") {
      spec, _ in spec.functions.append(FunctionSpec(name: "merge", outputs: []))
    },
    Fault(
      "an output misspelt", "Workflow/w", "spec.functions[0].outputs[0]", "called \"wrods\"", "did you mean \"words\"?"
    ) {
      spec, _ in spec.functions[0].outputs = ["wrods"]
    },
    Fault(
      "an output that resembles nothing", "Workflow/w", "spec.functions[0].outputs[1]", "\"xyz\"",
      "it is one of counts, words"
    ) {
      spec, _ in spec.functions[0].outputs = ["words", "xyz"]
    },
    Fault("a function's timeout", "Workflow/w", "spec.functions[1].timeout", "greater than zero", "10s") {
      spec, _ in spec.functions[1].timeout = "0"
    },
    Fault("a function's back-off", "Workflow/w", "spec.functions[1].retry.backoff", "no duration", "200ms") {
      spec, _ in spec.functions[1].retry = .init(backoff: "x")
    },
    Fault("the entry misspelt", "Workflow/w", "spec.entry", "\"splt\" is none", "did you mean \"split\"?") {
      spec, _ in spec.entry = "splt"
    },
  ]

  static let triggerFaults: [Fault] = [
    Fault("a trigger twice", "Bucket/words", "spec.triggers[1].name", "two triggers \"each\"", "rename") {
      $1["words"]?.triggers.append(TriggerSpec(name: "each", target: "count", .immediate))
    },
    Fault(
      "a target misspelt", "Bucket/words", "spec.triggers[0].target", "no function \"cuont\"", "did you mean \"count\"?"
    ) {
      $1["words"]?.triggers[0].target = "cuont"
    },
    Fault("no primitive", "Bucket/words", "spec.triggers[0]", "has none", "immediate: {}") {
      $1["words"]?.triggers[0].primitives = []
    },
    Fault("two primitives", "Bucket/words", "spec.triggers[0]", "has immediate, byName", "split it") {
      $1["words"]?.triggers[0].primitives = [.immediate, .byName(["a"])]
    },
    Fault("no names", "Bucket/words", "spec.triggers[0].bySet.names", "empty", "at least one key") {
      $1["words"]?.triggers[0].primitives = [.bySet([])]
    },
    Fault("a name twice", "Bucket/words", "spec.triggers[0].byName.names", "twice", "remove") {
      $1["words"]?.triggers[0].primitives = [.byName(["a", "a"])]
    },
    Fault("nobody announces", "Bucket/counts", "spec.triggers[0].dynamicJoin.announcedBy", "nobody", "expect") {
      $1["counts"]?.triggers[0].primitives = [.dynamicJoin(announcedBy: [])]
    },
    Fault(
      "an announcer misspelt", "Bucket/counts", "spec.triggers[0].dynamicJoin.announcedBy[0]", "no function \"spilt\"",
      "did you mean \"split\"?"
    ) {
      $1["counts"]?.triggers[0].primitives = [.dynamicJoin(announcedBy: ["spilt"])]
    },
  ]

  static let graphFaults: [Fault] = [
    Fault(
      "a join without declared outputs", "Workflow/w", "spec.functions[1].outputs", "dynamicJoin of counts/all",
      "[] for none"
    ) {
      spec, _ in spec.functions[1].outputs = nil
    },
    Fault(
      "a function that nothing reaches", "Workflow/w", "spec.functions[3]", "nothing can reach function \"lost\"",
      "targets it"
    ) {
      spec, _ in spec.functions.append(FunctionSpec(name: "lost", outputs: []))
    },
    Fault("a join in a cycle", "Bucket/counts", "spec.triggers[0].dynamicJoin", "inside a cycle", "behind the cycle") {
      spec, _ in spec.functions[2].outputs = ["counts"]
    },
    Fault(
      "an announcer downstream", "Bucket/counts", "spec.triggers[0].dynamicJoin.announcedBy[0]", "\"merge\" causes",
      "upstream"
    ) {
      $1["counts"]?.triggers[0].primitives = [.dynamicJoin(announcedBy: ["merge"])]
    },
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
