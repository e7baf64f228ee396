import NIOCore
import NIOPosix
import Testing

@testable import Sidecar

@Suite struct ComplaintTests {
  @Test func `a coordinator that does not listen is said to refuse, and nothing else`() async throws {
    let target = try #require(LinkAddress("127.0.0.1:9"))
    let error = await #expect(throws: NIOConnectionError.self) {
      // Port 9 is discard's, where nobody listens.
      _ = try await target.connect { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    }
    let complaint = CoordinatorLink.complaint(of: try #require(error), at: target)
    #expect(complaint == "cannot reach the coordinator at 127.0.0.1:9: Connection refused")
  }
}
