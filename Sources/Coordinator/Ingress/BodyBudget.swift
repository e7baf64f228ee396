import Synchronization

/// How many bytes of request bodies may be on their way in at once, over all connections.
final class BodyBudget: Sendable {
  private let limit: Int
  private let taken = Mutex(0)

  init(limit: Int) { self.limit = limit }

  /// False, with nothing taken, when so many more do not fit.
  func take(_ count: Int) -> Bool {
    taken.withLock { taken in
      guard count <= limit - taken else { return false }
      taken += count
      return true
    }
  }

  func giveBack(_ count: Int) { taken.withLock { $0 -= count } }
}
