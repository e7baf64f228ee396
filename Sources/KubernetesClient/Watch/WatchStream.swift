import KubernetesAPI

/// The events of one watch request, in order. Ends when the server ends the watch, which it does every few minutes:
/// go on from the last version seen. Throws `KubernetesError`, with `isExpired` where a new list is needed.
/// Dropping the iterator, or cancelling the task that reads it, ends the request.
package struct WatchStream: AsyncSequence, Sendable {
  package typealias Element = WatchEvent

  let chunks: HTTPStream
  let type: ResourceType
  let malformed: @Sendable (String) -> KubernetesError

  package func makeAsyncIterator() -> Iterator {
    Iterator(chunks: chunks.makeAsyncIterator(), type: type, malformed: malformed)
  }

  package struct Iterator: AsyncIteratorProtocol {
    fileprivate var chunks: HTTPStream.Iterator
    fileprivate let type: ResourceType
    fileprivate let malformed: @Sendable (String) -> KubernetesError
    private var framer = LineFramer()
    private var lines: [[UInt8]] = []
    private var position = 0
    private var hasEnded = false

    fileprivate init(
      chunks: HTTPStream.Iterator, type: ResourceType, malformed: @escaping @Sendable (String) -> KubernetesError
    ) {
      self.chunks = chunks
      self.type = type
      self.malformed = malformed
    }

    /// Waits until the server has accepted the watch.
    package mutating func opened() async throws { _ = try await chunks.head() }

    package mutating func next() async throws -> WatchEvent? {
      while true {
        while position < lines.count {
          let line = lines[position]
          position += 1
          if let event = try read(line) { return event }
        }
        if hasEnded { return nil }
        (lines, position) = (try await moreLines(), 0)
      }
    }

    private mutating func moreLines() async throws -> [[UInt8]] {
      guard let chunk = try await chunks.next() else {
        hasEnded = true
        return framer.streamEnded().map { [$0] } ?? []
      }
      do {
        return try framer.chunkArrived(chunk)
      } catch {
        throw malformed("an event is longer than \(error.limit) bytes")
      }
    }

    private func read(_ line: [UInt8]) throws -> WatchEvent? {
      do {
        return try WatchEvent(parsing: line)
      } catch {
        throw malformed("an event is not valid JSON: \(String(decoding: line.prefix(120), as: UTF8.self))")
      }
    }
  }
}
