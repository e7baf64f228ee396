import NIOCore
import NIOPosix

/// A connection that carries bytes as they are, for requests that no well-behaved client would send.
struct RawConnection {
  let port: Int

  /// Sends the bytes and returns all that comes until the other side closes. The last request has to ask for that.
  func exchange(_ bytes: [UInt8]) async throws -> String {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    return try await channel.executeThenClose { inbound, outbound in
      try await outbound.write(ByteBuffer(bytes: bytes))
      var answer: [UInt8] = []
      for try await chunk in inbound { answer += chunk.readableBytesView }
      return String(decoding: answer, as: UTF8.self)
    }
  }

  func exchange(_ text: String) async throws -> String { try await exchange(Array(text.utf8)) }
}
