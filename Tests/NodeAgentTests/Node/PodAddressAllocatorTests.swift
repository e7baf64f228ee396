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

  @Test func nodesOfOneClusterDoNotMeet() throws {
    var first = PodAddressAllocator(network: 7)
    var second = PodAddressAllocator(network: 7, block: 1)
    let addresses = try (0..<4092).map { _ in try first.allocate() } + [try second.allocate()]
    #expect(addresses.last == "127.7.16.2")
    #expect(Set(addresses).count == 4093)
    second.release("127.7.16.2")
    #expect(second.takenCount == 0)
  }

  @Test func neighbouringPortsHaveNetworksOfTheirOwn() {
    #expect(PodAddressAllocator.network(forPort: 7780) != PodAddressAllocator.network(forPort: 7784))
    #expect((1...65_535).allSatisfy { (1...254).contains(PodAddressAllocator.network(forPort: $0)) })
  }
}
