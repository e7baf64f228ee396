import Dataflow
import Testing

@Suite("Flow graph")
struct FlowGraphTests {
  @Test("A trigger across sessions is an edge across sessions only")
  func views() throws {
    for (primitive, isWithin) in [
      (Primitive.byTime(.init(window: "1s")), false), (.byBatchSize(.init(count: 2)), false),
      (.byBatchSize(.init(count: 2, scope: .workflow)), false), (.byBatchSize(.init(count: 2, scope: .session)), true),
      (.immediate, true),
    ] {
      #expect(primitive.isWorkflowScoped != isWithin)
      let graph = FlowGraph(
        functions: [FunctionPlan(name: "f", outputs: ["x"])],
        buckets: [BucketPlan(name: "x", triggers: [TriggerPlan(name: "t", target: "f", primitive)])])
      let (function, bucket) = (try #require(graph.functionIndex["f"]), try #require(graph.bucketIndex["x"]))
      #expect(graph.successors[bucket] == (isWithin ? [function] : []))
      #expect(graph.successorsAcrossSessions[bucket] == [function])
      #expect(graph.reachable(from: bucket).contains(function) == isWithin)
      #expect(graph.reachableAcrossSessions(from: [bucket]) == [function, bucket])
      #expect(graph.isCyclic[graph.component[function]] == isWithin)
    }
  }

  @Test(
    "Whatever is accepted closes in an order, and compiles to the same plan again", arguments: 0..<300 as Range<UInt64>)
  func accepted(seed: UInt64) {
    var random = RandomManifest(seed: seed)
    let (spec, buckets) = random.workflow()
    let first = PlanCompiler.compile(namespace: "n", workflow: "w", spec: spec, buckets: buckets)
    let second = PlanCompiler.compile(namespace: "n", workflow: "w", spec: spec, buckets: buckets)
    #expect(first.plan == second.plan)
    #expect(first.findings == second.findings)
    #expect((first.plan == nil) == first.findings.contains(where: \.isError))
    guard let plan = first.plan else { return }
    let graph = FlowGraph(functions: plan.functions, buckets: plan.buckets)
    for node in 0..<graph.nodeCount {
      let leads = graph.leads(to: [node])
      for other in 0..<graph.nodeCount {
        #expect(leads[graph.component[other]] == graph.reachable(from: other).contains(node))
      }
      #expect(graph.reachable(from: node).isSubset(of: graph.reachableAcrossSessions(from: [node])))
      for next in graph.successors[node] {
        let (from, to) = (graph.component[node], graph.component[next])
        #expect(from <= to)
        #expect(from == to || graph.componentSuccessors[from].contains(to))
      }
    }
    for bucket in plan.buckets {
      guard let node = graph.bucketIndex[bucket.name] else { continue }
      for trigger in bucket.triggers {
        #expect(graph.functionIndex[trigger.target] != nil)
        guard trigger.primitive.needsDeclaredOutputs else { continue }
        #expect(!graph.isCyclic[graph.component[node]])
        #expect(plan.functions.allSatisfy { $0.outputs != nil })
      }
    }
  }

  @Test("The random manifests above are accepted and refused in good numbers")
  func coverage() {
    var accepted = 0
    for seed: UInt64 in 0..<300 {
      var random = RandomManifest(seed: seed)
      let (spec, buckets) = random.workflow()
      let compiled = PlanCompiler.compile(namespace: "n", workflow: "w", spec: spec, buckets: buckets)
      if compiled.plan != nil { accepted += 1 }
    }
    #expect((30...270).contains(accepted), "\(accepted)")
  }
}

/// Small workflows by chance, some of them sound.
struct RandomManifest {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  private mutating func below(_ bound: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state >> 33) % bound
  }

  mutating func workflow() -> (WorkflowSpec, [String: BucketSpec]) {
    let count = 2 + below(4)
    let mayCycle = below(3) == 0
    let functions = (0..<count).map { index in
      var outputs = index < count - 1 ? ["b\(index)"] : []
      if mayCycle, below(3) == 0 { outputs.append("b\(below(count - 1))") }
      let calls = below(8) == 0 ? ["f\(below(count))"] : nil
      let isUndeclared = below(20) == 0
      return FunctionSpec(
        name: "f\(index)", outputs: isUndeclared ? nil : Array(Set(outputs)).sorted(), calls: calls)
    }
    var buckets: [String: BucketSpec] = [:]
    for index in 0..<(count - 1) {
      let triggers = (0...below(2)).map { number in
        TriggerSpec(name: "t\(number)", target: "f\(number == 0 ? index + 1 : below(count))", primitive(index, count))
      }
      buckets["b\(index)"] = BucketSpec(workflow: "w", triggers: triggers)
    }
    return (WorkflowSpec(entry: "f0", functions: functions), buckets)
  }

  private mutating func primitive(_ index: Int, _ count: Int) -> Primitive {
    switch below(11) {
    case 0: .byName(["k1", "k2"])
    case 1: .bySet(["k1", "k3"])
    case 2: .byBatchSize(.init(count: 1 + below(3), scope: .session))
    case 3: .byBatchSize(.init(count: 1 + below(3)))
    case 4: .byTime(.init(window: "1s"))
    case 5: .redundant(.init(count: 3, take: 2))
    case 6: .dynamicJoin(announcedBy: ["f\(below(index + 1))"])
    case 7: .dynamicGroup(sources: ["f\(below(index + 1))"])
    default: .immediate
    }
  }
}
