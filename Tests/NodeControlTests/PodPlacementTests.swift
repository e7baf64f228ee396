import KubernetesAPI
import NodeControl
import Testing

@Suite struct PodPlacementTests {
  private static func node(_ name: String = "n", _ change: (inout PodPlacement.Candidate) -> Void = { _ in })
    -> PodPlacement.Candidate
  {
    var node = PodPlacement.Candidate(name: name)
    node.labels = ["disk": "fast"]
    node.podLimit = 2
    change(&node)
    return node
  }

  private func decide(_ spec: JSONValue, pods: Int = 0, _ restrictions: NodeRestrictions = .init())
    -> PodPlacement.Decision
  {
    PodPlacement.decide(pod(spec), among: [Self.node { $0.restrictions = restrictions }], pods: ["n": pods])
  }

  private func pod(_ spec: JSONValue) -> KubernetesObject {
    var pod = KubernetesObject(.pod, namespace: "default", name: "p")
    pod["spec"] = spec
    return pod
  }

  @Test func bindsWhatFits() {
    #expect(decide(["nodeSelector": ["disk": "fast"]], pods: 1) == .bind(node: "n"))
  }

  @Test(
    arguments: [
      ["nodeName": "other"], ["schedulerName": "mine"], ["schedulingGates": [["name": "g"]]],
    ] as [JSONValue])
  func leavesWhatIsNotItsOwn(_ spec: JSONValue) { #expect(decide(spec) == .leave) }

  @Test func theEmptiestNodeThatWillDoIsTaken() {
    let nodes = [Self.node("a"), Self.node("b"), Self.node("c") { $0.labels = [:] }]
    let counts = ["a": 1]
    #expect(PodPlacement.decide(pod([:]), among: nodes, pods: counts) == .bind(node: "b"))
    let picky = pod(["nodeSelector": ["disk": "fast"]])
    #expect(PodPlacement.decide(picky, among: nodes, pods: ["a": 1, "b": 2]) == .bind(node: "a"))
    var averse = nodes
    averse[1].restrictions.taints = [.init(key: "k", effect: "PreferNoSchedule")]
    #expect(PodPlacement.decide(picky, among: averse, pods: counts) == .bind(node: "a"))
  }

  @Test func saysWhyNotInTheWordsOfTheScheduler() {
    let nodes = [
      Self.node("a") { $0.restrictions.isUnschedulable = true },
      Self.node("b") { $0.restrictions.taints = [.init(key: "k", value: "v", effect: "NoSchedule")] },
      Self.node("c") { $0.labels = [:] }, Self.node("d") { $0.labels = [:] }, Self.node("e"),
    ]
    let picky = pod(["nodeSelector": ["disk": "fast"]])
    #expect(
      PodPlacement.decide(picky, among: nodes, pods: ["e": 2])
        == .unschedulable(
          "0/5 nodes are available: 1 Too many pods, 1 node(s) had untolerated taint {k: v}, "
            + "1 node(s) were unschedulable, 2 node(s) didn't match Pod's node affinity/selector."))
    #expect(PodPlacement.decide(picky, among: []) == .unschedulable("no nodes available to schedule pods"))
  }

  @Test func aCordonedNodeTakesOnlyWhatToleratesIt() {
    var restrictions = NodeRestrictions()
    restrictions.isUnschedulable = true
    #expect(
      decide([:], pods: 0, restrictions) == .unschedulable("0/1 nodes are available: 1 node(s) were unschedulable."))
    #expect(decide(["tolerations": [["operator": "Exists"]]], pods: 0, restrictions) == .bind(node: "n"))
  }

  @Test(
    arguments: [
      ([:], "NoSchedule", false), ([:], "NoExecute", false), ([:], "PreferNoSchedule", true),
      (["key": "k", "operator": "Equal", "value": "v"], "NoSchedule", true),
      (["key": "k", "value": "v", "effect": "NoExecute"], "NoSchedule", false),
      (["key": "k", "value": "w"], "NoSchedule", false), (["key": "k", "operator": "Exists"], "NoExecute", true),
      (["key": "l", "operator": "Exists"], "NoExecute", false),
    ] as [(JSONValue, String, Bool)]) func taintsKeepOffWhatDoesNotTolerateThem(
      _ toleration: JSONValue, effect: String, fits: Bool
    )
  {
    var restrictions = NodeRestrictions()
    restrictions.taints = [.init(key: "k", value: "v", effect: effect)]
    let tolerations: JSONValue = toleration == [:] ? [] : [toleration]
    let decision = decide(["tolerations": tolerations], pods: 0, restrictions)
    #expect((decision == .bind(node: "n")) == fits)
  }

  @Test func aStayLastsAsLongAsItsShortestToleration() {
    var restrictions = NodeRestrictions()
    restrictions.taints = [.init(key: "k", effect: "NoExecute"), .init(key: "l", effect: "NoSchedule")]
    func stay(_ tolerations: JSONValue) -> Duration? { restrictions.stay(of: pod(["tolerations": tolerations])) }
    #expect(stay([]) == .zero)
    #expect(stay([["key": "k", "operator": "Exists"]]) == nil)
    let brief: JSONValue = ["key": "k", "operator": "Exists", "tolerationSeconds": 7]
    #expect(stay([brief, ["operator": "Exists", "tolerationSeconds": 30]]) == .seconds(7))
    #expect(stay([["key": "k", "operator": "Exists", "tolerationSeconds": -3]]) == .zero)
    restrictions.taints.removeFirst()
    #expect(stay([]) == nil)
  }
}
