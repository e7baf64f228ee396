import KubernetesAPI
import NodeControl
import Testing

@Suite struct NodeHealthTests {
  private static func lease(_ renewal: String, seconds: Int = 8) -> KubernetesObject {
    var lease = KubernetesObject(.lease, namespace: "kube-node-lease", name: "n")
    lease["spec"] = ["renewTime": .string(renewal), "leaseDurationSeconds": .integer(Int64(seconds))]
    return lease
  }

  private static func node(ready: String?, taints: [JSONValue] = [], cordoned: Bool = false) -> KubernetesObject {
    var node = KubernetesObject(.node, name: "n")
    if let ready { node["status"] = ["conditions": [["type": "Ready", "status": .string(ready)]]] }
    node["spec"] = ["taints": .array(taints), "unschedulable": .bool(cordoned)]
    return node
  }

  @Test func aLeaseCountsFromWhenItsRenewalWasSeen() {
    var health = NodeHealth(now: .seconds(5))
    #expect(health.deadline == .seconds(45))
    health.leaseSeen(Self.lease("a"), now: .seconds(6))
    #expect(health.deadline == .seconds(14))
    // Seen once more, as after another list: no heartbeat.
    health.leaseSeen(Self.lease("a"), now: .seconds(9))
    #expect(health.deadline == .seconds(14))
    health.leaseSeen(Self.lease("b"), now: .seconds(10))
    #expect(health.deadline == .seconds(18))
  }

  @Test func aLostNodeIsMarkedOnce() {
    #expect(NodeHealth.conditionsOfLost(Self.node(ready: "True"), at: "t")?[0]?["status"] == "Unknown")
    #expect(NodeHealth.conditionsOfLost(Self.node(ready: nil), at: "t") != nil)
    #expect(NodeHealth.conditionsOfLost(Self.node(ready: "Unknown"), at: "t") == nil)
  }

  private static func words(_ taints: [JSONValue]?) -> [String]? {
    taints?.map { "\($0["key"]?.stringValue ?? ""):\($0["effect"]?.stringValue ?? "")" }
  }

  @Test func taintsFollowConditionsAndThoseOfOthersStay() {
    let own: JSONValue = ["key": "mine", "effect": "NoExecute"]
    let lost = NodeHealth.taints(of: Self.node(ready: "Unknown", taints: [own]), at: "t")
    #expect(
      Self.words(lost) == [
        "mine:NoExecute", "node.kubernetes.io/unreachable:NoSchedule", "node.kubernetes.io/unreachable:NoExecute",
      ])
    let still = Self.node(ready: "Unknown", taints: lost ?? [])
    #expect(NodeHealth.taints(of: still, at: "later") == nil)
    let down = NodeHealth.taints(of: Self.node(ready: "False", taints: lost ?? []), at: "t")
    #expect(
      Self.words(down) == [
        "mine:NoExecute", "node.kubernetes.io/not-ready:NoSchedule", "node.kubernetes.io/not-ready:NoExecute",
      ])
    let back = NodeHealth.taints(of: Self.node(ready: "True", taints: down ?? [], cordoned: true), at: "t")
    #expect(Self.words(back) == ["mine:NoExecute", "node.kubernetes.io/unschedulable:NoSchedule"])
    #expect(
      Self.words(NodeHealth.taints(of: Self.node(ready: "True", taints: back ?? []), at: "t")) == ["mine:NoExecute"])
    #expect(NodeHealth.taints(of: Self.node(ready: "True", taints: [own]), at: "t") == nil)
    let new = NodeHealth.taints(of: Self.node(ready: nil), at: "t")
    #expect(Self.words(new) == ["node.kubernetes.io/not-ready:NoSchedule"])
  }
}
