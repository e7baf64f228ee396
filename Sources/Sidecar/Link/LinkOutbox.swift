import Logging
import Synchronization
import Wire

/// What is to be sent to the coordinator. Bounded: when the coordinator falls this far behind, the link is closed, and
/// after the next greeting it learns all that it has missed.
///
/// Frames are taken together, as many as have come since the last time: while one write is under way the next ones gather,
/// so that a busy link needs few writes.
struct LinkOutbox: Sendable {
  static let limit = 65_536

  private let queue = Queue()
  private let signals: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation
  private let logger: Logger

  private final class Queue: Sendable {
    let frames = Mutex<[PodFrame]>([])
  }

  init(logger: Logger) {
    self.logger = logger
    (signals, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  }

  func send(_ frame: PodFrame) {
    let count = queue.frames.withLock { frames in
      if frames.count < Self.limit { frames.append(frame) }
      return frames.count
    }
    if count < Self.limit {
      // Only the first of those that gather has to be told of.
      if count == 1 { continuation.yield() }
    } else {
      logger.warning("the coordinator is \(Self.limit) frames behind; the link is opened anew")
      continuation.finish()
    }
  }

  func close() { continuation.finish() }

  /// Hands out what has gathered, each time that something has, until the outbox is closed.
  func forEachBatch(_ body: ([PodFrame]) async throws -> Void) async rethrows {
    for await _ in signals {
      let batch = queue.frames.withLock { frames in
        defer { frames = [] }
        return frames
      }
      if !batch.isEmpty { try await body(batch) }
    }
  }
}
