import NIOCore
import NIOPosix
import Testing

@testable import pheromone

@Suite struct PortOwnerTests {
  @Test func `who listens on a port is named as far as it can be seen`() async throws {
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .bind(host: "127.0.0.1", port: 0).get()
    let port = try #require(channel.localAddress?.port)
    var owner = try #require(PortOwner(of: port))
    #expect(owner.description.hasPrefix("process \(owner.pid ?? 0) ("))
    owner.pid = nil
    #expect(owner.description == "another process (of another user, or one that is just ending)")
    try await channel.close()
    #expect(PortOwner(of: port) == nil)
  }
}
