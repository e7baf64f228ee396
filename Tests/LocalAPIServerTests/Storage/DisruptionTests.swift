import KubernetesAPI
import Testing

@testable import LocalAPIServer

@Suite struct DisruptionTests {
  private static let budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets"

  /// Pods of one workflow, all of them running, and some of them ready.
  private static func harness(pods count: Int, ready: Int, _ spec: JSONValue) -> Harness {
    var harness = Harness()
    var workflow = Harness.workflow("a")
    workflow[path: "spec", "replicas"] = .integer(Int64(count))
    let owner = harness.create(Harness.workflows, workflow).document
    for index in 0..<count {
      var pod = Harness.pod("p\(index)", owner: owner)
      pod[path: "metadata", "labels"] = ["app": "a"]
      harness.create(Harness.pods, pod)
      harness.create("\(Harness.pods)/p\(index)/binding", ["target": ["name": "n"]])
      let condition: JSONValue = ["type": "Ready", "status": index < ready ? "True" : "False"]
      harness.merge(
        "\(Harness.pods)/p\(index)/status", ["status": ["phase": "Running", "conditions": [condition]]])
    }
    var spec = spec
    spec["selector"] = ["matchLabels": ["app": "a"]]
    #expect(harness.create(budgets, ["metadata": ["name": "b"], "spec": spec]).code == 201)
    _ = harness.state.tick(now: harness.now)
    return harness
  }

  private static func evict(_ harness: inout Harness, _ name: String, _ options: JSONValue? = nil) -> Harness.Reply {
    var body: JSONValue = ["apiVersion": "policy/v1", "kind": "Eviction", "metadata": ["name": .string(name)]]
    body["deleteOptions"] = options
    return harness.create("\(Harness.pods)/\(name)/eviction", body)
  }

  private static func status(_ harness: inout Harness) -> [Int] {
    let status = harness.get(budgets + "/b").document["status"]
    return ["expectedPods", "desiredHealthy", "currentHealthy", "disruptionsAllowed"].map {
      status?[$0]?.intValue ?? -1
    }
  }

  @Test(
    arguments: [
      (["maxUnavailable": 1], [4, 3, 3, 0]), (["maxUnavailable": "30%"], [4, 2, 3, 1]),
      (["minAvailable": 2], [4, 2, 3, 1]),
      (["minAvailable": "60%"], [4, 3, 3, 0]), (["minAvailable": 0], [4, 0, 3, 3]),
    ] as [(JSONValue, [Int])]) func statusIsKept(spec: JSONValue, numbers: [Int])
  {
    var harness = Self.harness(pods: 4, ready: 3, spec)
    #expect(Self.status(&harness) == numbers)
    let budget = harness.get(Self.budgets + "/b").document
    let condition = Columns.condition("DisruptionAllowed", of: budget)
    #expect(condition?["reason"] == (numbers[3] > 0 ? "SufficientPods" : "InsufficientPods"))
    #expect(budget[path: "status", "observedGeneration"] == 1)
    #expect(harness.state.tick(now: harness.now).isEmpty, "nothing changed")
  }

  @Test func evictionsObeyTheBudget() {
    var harness = Self.harness(pods: 3, ready: 3, ["maxUnavailable": 1])
    #expect(Self.evict(&harness, "p0", ["dryRun": ["All"]]).code == 201)
    #expect(Self.evict(&harness, "p0").code == 201)
    #expect(Self.status(&harness) == [3, 2, 2, 0], "counted at once, so that the next one finds it")
    let refused = Self.evict(&harness, "p1")
    #expect(refused.code == 429 && refused.reason == "TooManyRequests")
    #expect(refused.message == "Cannot evict pod as it would violate the pod's disruption budget.")
    #expect(
      refused.document["details"] == [
        "causes": [
          [
            "reason": "DisruptionBudget",
            "message": "The disruption budget b needs 2 healthy pods and has 2 currently",
          ]
        ]
      ])
    let pod = harness.get(Harness.pods + "/p1").document
    #expect(pod[path: "metadata", "deletionTimestamp"] == nil)
    #expect(Columns.condition("DisruptionTarget", of: pod) == nil)
    #expect(Self.evict(&harness, "p0").code == 201, "what goes already is no further disruption")
  }

  @Test func podsThatDoNotWorkMayGo() {
    var harness = Self.harness(pods: 3, ready: 1, ["maxUnavailable": 1])
    #expect(Self.evict(&harness, "p2").code == 429)
    harness.merge(Self.budgets + "/b", ["spec": ["unhealthyPodEvictionPolicy": "AlwaysAllow"]])
    #expect(Self.evict(&harness, "p0").code == 429)
    #expect(Self.evict(&harness, "p2").code == 201)
    harness = Self.harness(pods: 3, ready: 2, ["maxUnavailable": 1])
    #expect(Self.evict(&harness, "p2").code == 201, "enough others work")
  }

  @Test func podsThatNeverRanMayGo() {
    var harness = Self.harness(pods: 2, ready: 0, ["maxUnavailable": 0])
    harness.merge(Harness.pods + "/p0/status", ["status": ["phase": "Pending"]])
    #expect(Self.evict(&harness, "p0").code == 201)
    #expect(Self.evict(&harness, "p1").code == 429)
  }

  @Test func twoBudgetsForOnePodAreAFault() {
    var harness = Self.harness(pods: 2, ready: 2, ["maxUnavailable": 1])
    let expression: JSONValue = ["key": "app", "operator": "Exists"]
    harness.create(
      Self.budgets,
      ["metadata": ["name": "c"], "spec": ["minAvailable": 0, "selector": ["matchExpressions": [expression]]]])
    let reply = Self.evict(&harness, "p0")
    #expect(reply.code == 500)
    #expect(
      reply.message
        == "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.")
  }

  @Test func preconditionsOfAnEvictionCount() {
    var harness = Self.harness(pods: 1, ready: 1, ["maxUnavailable": 1])
    let reply = Self.evict(&harness, "p0", ["preconditions": ["uid": "other"]])
    #expect(reply.code == 409)
    #expect(reply.message.contains("the UID in the precondition (other) does not match the UID in record"))
    #expect(harness.create(Harness.pods + "/p0/eviction", ["metadata": ["name": "p1"]]).code == 400)
    #expect(harness.get(Harness.pods + "/p0").document[path: "metadata", "deletionTimestamp"] == nil)
  }

  @Test func withoutItsControllerNothingIsCertain() {
    var harness = Self.harness(pods: 2, ready: 2, ["maxUnavailable": 1])
    harness.delete(Harness.workflows + "/a", ["propagationPolicy": "Orphan"])
    _ = harness.state.tick(now: harness.now)
    #expect(Self.status(&harness) == [0, 0, 2, 0], "pods without a controller are expected by nobody")
    #expect(Self.evict(&harness, "p0").code == 429)
  }

  @Test func badBudgetsAreRefused() {
    var harness = Harness()
    func problem(_ spec: JSONValue) -> String {
      harness.create(Self.budgets, ["metadata": ["name": "b"], "spec": spec]).message
    }
    #expect(problem(["minAvailable": 1, "maxUnavailable": 1]).contains("cannot be both set"))
    #expect(problem(["minAvailable": -1]).contains("spec.minAvailable: Invalid value: -1"))
    #expect(problem(["maxUnavailable": "all"]).contains("a valid percent string must be"))
    #expect(problem(["maxUnavailable": "101%"]).contains("must not be greater than 100%"))
    func selector(_ operator: String, _ values: JSONValue) -> String {
      problem(["selector": ["matchExpressions": [["key": "k", "operator": .string(`operator`), "values": values]]]])
    }
    #expect(selector("In", []).contains("spec.selector.matchExpressions[0].values: Required value"))
    #expect(selector("Exists", ["v"]).contains("spec.selector.matchExpressions[0].values: Forbidden"))
    #expect(selector("Like", ["v"]).contains("Invalid value: \"Like\": not a valid selector operator"))
    #expect(
      problem(["unhealthyPodEvictionPolicy": "Never"]).contains(
        "Unsupported value: \"Never\": supported values: \"AlwaysAllow\", \"IfHealthyBudget\""))
  }

  @Test func bindingsKeepOffWhatGoes() {
    var harness = Harness()
    harness.create(Harness.pods, Harness.pod("p"))
    let other = harness.create(
      Harness.pods + "/p/binding", ["metadata": ["uid": "other"], "target": ["name": "n"]])
    #expect(other.code == 409)
    harness.merge(Harness.pods + "/p", ["metadata": ["finalizers": ["example.com/wait"]]])
    harness.delete(Harness.pods + "/p")
    #expect(
      harness.create(Harness.pods + "/p/binding", ["target": ["name": "n"]]).message
        == "Operation cannot be fulfilled on pods/binding \"p\": pod p is being deleted, cannot be assigned to a host")
  }
}
