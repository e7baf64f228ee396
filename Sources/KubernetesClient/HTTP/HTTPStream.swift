/// A streaming answer: its head, then chunks as they arrive. The request is sent when iteration (or `head()`) begins;
/// dropping the stream, or cancelling the task that reads it, ends the transfer.
///
/// A reader that is slower than the server is safe: beyond `limits.bufferBytes` the transfer pauses.
package struct HTTPStream: AsyncSequence, Sendable {
  package typealias Element = [UInt8]

  private let open: @Sendable () async throws -> OpenedStream

  init(open: @escaping @Sendable () async throws -> OpenedStream) { self.open = open }

  package func makeAsyncIterator() -> Iterator { Iterator(open: open) }

  package struct Iterator: AsyncIteratorProtocol {
    fileprivate let open: @Sendable () async throws -> OpenedStream
    private var opened: OpenedStream?

    fileprivate init(open: @escaping @Sendable () async throws -> OpenedStream) { self.open = open }

    /// The status and headers. An answer with an error status throws `KubernetesError` instead.
    package mutating func head() async throws -> HTTPResponseHead { try await ensureOpen().head }

    package mutating func next() async throws -> [UInt8]? { try await ensureOpen().nextChunk() }

    private mutating func ensureOpen() async throws -> OpenedStream {
      if let opened { return opened }
      let stream = try await open()
      opened = stream
      return stream
    }
  }
}

/// A transfer whose head has arrived. Ends the transfer when nobody holds it any more.
struct OpenedStream: Sendable {
  let head: HTTPResponseHead
  let transfer: TransferHandle
  /// Turns what went wrong on the wire into the client's error.
  let explain: @Sendable (TransferError) -> any Error

  func nextChunk() async throws -> [UInt8]? {
    do {
      return try await transfer.nextChunk()
    } catch let error as TransferError {
      if error == .cancelled { throw CancellationError() }
      throw explain(error)
    }
  }
}
