import Logging
import Wire

/// What is to be sent to the coordinator. Bounded: when the coordinator falls this far behind, the link is closed, and
/// after the next greeting it learns all that it has missed.
struct LinkOutbox: Sendable {
  static let limit = 65_536

  private let continuation: AsyncStream<PodFrame>.Continuation
  private let logger: Logger

  static func make(logger: Logger) -> (outbox: LinkOutbox, frames: AsyncStream<PodFrame>) {
    let (stream, continuation) = AsyncStream.makeStream(of: PodFrame.self, bufferingPolicy: .bufferingOldest(limit))
    return (LinkOutbox(continuation: continuation, logger: logger), stream)
  }

  func send(_ frame: PodFrame) {
    guard case .dropped = continuation.yield(frame) else { return }
    logger.warning("the coordinator is \(Self.limit) frames behind; the link is opened anew")
    continuation.finish()
  }

  func close() { continuation.finish() }
}
