import Synchronization
import Wire

/// What is to be sent to the coordinator. Bounded: when the coordinator falls this far behind, the link is closed, and
/// after the next greeting it learns all that it has missed.
///
/// Frames are taken together, as many as have come since the last time: while one write is under way the next ones gather,
/// so that a busy link needs few writes.
final class LinkOutbox: Sendable {
  static let limit = 65_536

  private struct Gathered {
    var frames: [PodFrame] = []
    var isOverfull = false
  }

  private let gathered = Mutex(Gathered())
  private let wake: @Sendable () -> Void

  /// - Parameter wake: called from any thread when there is something to take, once for all that gathers.
  init(wake: @escaping @Sendable () -> Void) { self.wake = wake }

  func send(_ frame: PodFrame) {
    let isFirst = gathered.withLock { gathered in
      let fits = gathered.frames.count < Self.limit
      if fits { gathered.frames.append(frame) }
      defer { gathered.isOverfull = gathered.isOverfull || !fits }
      return fits ? gathered.frames.count == 1 : !gathered.isOverfull
    }
    if isFirst { wake() }
  }

  /// All that has gathered since the last time; nil when there was more than the limit, so that something is lost.
  func take() -> [PodFrame]? {
    gathered.withLock { gathered in
      defer { gathered.frames = [] }
      return gathered.isOverfull ? nil : gathered.frames
    }
  }
}
