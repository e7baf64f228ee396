/// Gives each pod an address of its own out of 127.0.0.0/8, all of which Linux routes to the machine itself.
///
/// Each cluster has one /16 of it, so that two clusters on one machine do not meet on the same port of the same
/// address, and each node of a cluster a sixteenth of that. Addresses are handed out in turn: one that was given back is used again as late as possible, so that
/// whoever still talks to a pod that is gone does not reach another one.
package struct PodAddressAllocator: Sendable {
  package enum Failure: Error, Sendable, Hashable { case exhausted }

  package static let blockSize = 4096
  package static let blockCount = 16

  private let network: Int
  private let first: Int
  private let size: Int
  private var next = 0
  private var taken: Set<Int> = []

  /// `network` is the second number of the addresses, 1 to 254; `size` bounds how many there are at a time. Numbers of a
  /// block end before its last ones, which read like a broadcast address.
  package init(network: Int, block: Int = 0, size: Int = blockSize - 4) {
    self.network = min(254, max(1, network))
    first = min(Self.blockCount - 1, max(0, block)) * Self.blockSize
    self.size = max(1, min(size, Self.blockSize - 4))
  }

  /// The network for a cluster whose API server listens on `port`: neighbouring ports get different ones.
  package static func network(forPort port: Int) -> Int { 1 + port % 254 }

  package mutating func allocate() throws(Failure) -> String {
    guard taken.count < size else { throw .exhausted }
    while taken.contains(next) { next = (next + 1) % size }
    let number = next
    taken.insert(number)
    next = (next + 1) % size
    return address(number)
  }

  package mutating func release(_ address: String) {
    let parts = address.split(separator: ".").compactMap { Int($0) }
    guard parts.count == 4, parts[0] == 127, parts[1] == network else { return }
    taken.remove(parts[2] * 256 + parts[3] - 2 - first)
  }

  package var takenCount: Int { taken.count }

  /// Numbers begin at .0.2: .0.0 reads like a network and .0.1 like a gateway.
  private func address(_ number: Int) -> String {
    let place = first + number + 2
    return "127.\(network).\(place / 256).\(place % 256)"
  }
}
