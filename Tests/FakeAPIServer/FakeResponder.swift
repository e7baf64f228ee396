import NIOCore

/// Writes the answer to one request.
package struct FakeResponder: Sendable {
  let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  let channel: any Channel

  /// A whole answer.
  package func answer(
    _ status: Int = 200, _ body: String, headers: [String: String] = ["Content-Type": "application/json"]
  ) async throws {
    var head = "HTTP/1.1 \(status) Status\r\nContent-Length: \(body.utf8.count)\r\n"
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    try await raw(head + "\r\n" + body)
  }

  package func answer(_ body: String) async throws { try await answer(200, body) }

  /// The head of an answer whose body comes in pieces.
  package func beginStream(_ status: Int = 200) async throws {
    try await raw(
      "HTTP/1.1 \(status) Status\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
  }

  /// One piece, sent at once.
  package func piece(_ text: String) async throws {
    try await raw("\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n")
  }

  package func endStream() async throws { try await raw("0\r\n\r\n") }

  package func raw(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }

  package func hangUp() async throws { try await channel.close() }

  /// Returns when the client has closed the connection.
  package func clientHungUp() async { try? await channel.closeFuture.get() }
}
