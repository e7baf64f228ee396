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
}
