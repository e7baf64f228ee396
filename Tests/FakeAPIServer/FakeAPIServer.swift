import NIOCore
import NIOPosix

/// A tiny HTTP/1.1 server on loopback that answers as a test tells it to, byte by byte if need be.
package struct FakeAPIServer: Sendable {
  package let port: Int
  package var url: String { "http://127.0.0.1:\(port)" }

  package typealias Answer = @Sendable (FakeRequest, FakeResponder) async throws -> Void

  /// Runs a server while the body runs. Every connection and answer ends with it.
  package static func run<Value: Sendable>(
    answer: @escaping Answer, body: @escaping @Sendable (FakeAPIServer) async throws -> Value
  ) async throws -> Value {
    let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .bind(host: "127.0.0.1", port: 0) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    guard let port = listener.channel.localAddress?.port else { throw FakeServerError.noPort }
    return try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask {
        try? await serve(listener, answer)
        return nil
      }
      group.addTask { try await body(FakeAPIServer(port: port)) }
      defer { group.cancelAll() }
      while let result = try await group.next() {
        if let result { return result }
      }
      throw FakeServerError.noPort
    }
  }

  package enum FakeServerError: Error { case noPort }

  private static func serve(
    _ listener: NIOAsyncChannel<NIOAsyncChannel<ByteBuffer, ByteBuffer>, Never>, _ answer: @escaping Answer
  ) async throws {
    try await withThrowingDiscardingTaskGroup { group in
      try await listener.executeThenClose { connections in
        for try await connection in connections {
          group.addTask { try? await converse(connection, answer) }
        }
      }
    }
  }

  private static func converse(
    _ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>, _ answer: @escaping Answer
  ) async throws {
    try await connection.executeThenClose { inbound, outbound in
      var parser = FakeRequestParser()
      for try await bytes in inbound {
        parser.add(bytes)
        while let request = parser.take() {
          try await answer(request, FakeResponder(outbound: outbound, channel: connection.channel))
        }
      }
    }
  }
}
