import KubernetesAPI
import NodeAgent
import Testing

@Suite struct PodAddressAllocatorTests {
  @Test func addressesDifferAndComeBackLast() throws {
    var allocator = PodAddressAllocator(network: 7, size: 3)
    let all = try (0..<3).map { _ in try allocator.allocate() }
    #expect(all == ["127.7.0.2", "127.7.0.3", "127.7.0.4"])
    #expect(throws: PodAddressAllocator.Failure.exhausted) { try allocator.allocate() }
    allocator.release("127.7.0.3")
    #expect(try allocator.allocate() == "127.7.0.3")
  }

  @Test func aReleasedAddressIsNotTheNextOne() throws {
    var allocator = PodAddressAllocator(network: 7)
    let first = try allocator.allocate()
    allocator.release(first)
    #expect(try allocator.allocate() != first)
    #expect(allocator.takenCount == 1)
  }

  @Test func theThirdNumberCarries() throws {
    var allocator = PodAddressAllocator(network: 7)
    let addresses = try (0..<300).map { _ in try allocator.allocate() }
    #expect(addresses[254] == "127.7.1.0")
    #expect(Set(addresses).count == 300)
  }

  @Test func neighbouringPortsHaveNetworksOfTheirOwn() {
    #expect(PodAddressAllocator.network(forPort: 7780) != PodAddressAllocator.network(forPort: 7784))
    #expect((1...65_535).allSatisfy { (1...254).contains(PodAddressAllocator.network(forPort: $0)) })
  }
}

@Suite struct PodPlacementTests {
  private let placement = PodPlacement(nodeLabels: ["disk": "fast"], podLimit: 2)

  private func pod(_ spec: JSONValue) -> KubernetesObject {
    var pod = KubernetesObject(.pod, namespace: "default", name: "p")
    pod["spec"] = spec
    return pod
  }

  @Test func bindsWhatFits() {
    #expect(placement.decide(pod(["nodeSelector": ["disk": "fast"]]), podsOnNode: 1) == .bind)
  }

  @Test(
    arguments: [
      ["nodeName": "other"], ["schedulerName": "mine"], ["schedulingGates": [["name": "g"]]],
    ] as [JSONValue])
  func leavesWhatIsNotItsOwn(_ spec: JSONValue) { #expect(placement.decide(pod(spec), podsOnNode: 0) == .leave) }

  @Test func saysWhyNot() {
    guard case .unschedulable(let why) = placement.decide(pod(["nodeSelector": ["disk": "slow"]]), podsOnNode: 0) else {
      Issue.record("was not refused")
      return
    }
    #expect(why.contains("disk=slow"))
    guard case .unschedulable(let full) = placement.decide(pod([:]), podsOnNode: 2) else {
      Issue.record("was not refused")
      return
    }
    #expect(full.contains("Too many pods"))
  }

  @Test func aCordonedNodeTakesOnlyWhatToleratesIt() {
    var restrictions = NodeRestrictions()
    restrictions.isUnschedulable = true
    guard
      case .unschedulable(let why) = placement.decide(pod([:]), podsOnNode: 0, restrictions: restrictions)
    else {
      Issue.record("was not refused")
      return
    }
    #expect(why == "0/1 nodes are available: 1 node(s) were unschedulable.")
    let tolerant = pod(["tolerations": [["operator": "Exists"]]])
    #expect(placement.decide(tolerant, podsOnNode: 0, restrictions: restrictions) == .bind)
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
    let decision = placement.decide(
      pod(["tolerations": tolerations]), podsOnNode: 0, restrictions: restrictions)
    #expect((decision == .bind) == fits)
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
