import DequeModule

/// Decides which events are written. Pure: time is an input.
///
/// The first of a kind is created; equal ones within `window` become a series, whose count is written when it has
/// doubled or `window` has passed since. Each object has a budget of new events, so that one sick object cannot flood
/// the API. Everything is bounded by `capacity`, beyond which the oldest is forgotten.
struct EventAggregator {
  typealias Instant = ContinuousClock.Instant

  struct Kind: Hashable, Sendable {
    var uid: String
    var name: String
    var type: String
    var reason: String
    var action: String
    var note: String
  }

  enum Decision: Equatable {
    case create
    /// Write this count to the event of this name.
    case update(eventName: String, count: Int)
    case drop
  }

  private struct Series {
    var eventName: String
    var count: Int
    var writtenCount: Int
    var lastSeen: Instant
    var lastWritten: Instant
  }

  private struct Budget {
    var left: Double
    var at: Instant
  }

  static let window = Duration.seconds(360)
  /// New events of one object at once, and the time in which one more is allowed.
  static let burst = 25.0
  static let refill = Duration.seconds(60)

  private var series: [Kind: Series] = [:]
  private var seriesOrder: Deque<Kind> = []
  private var budgets: [String: Budget] = [:]
  private var budgetOrder: Deque<String> = []
  private let capacity: Int
  /// Events that were not written because their object had used up its budget.
  private(set) var dropped = 0

  init(capacity: Int = 2048) { self.capacity = capacity }

  mutating func eventHappened(_ kind: Kind, eventName: String, now: Instant) -> Decision {
    if var known = series[kind], now - known.lastSeen < Self.window {
      known.count += 1
      known.lastSeen = now
      let isDue = known.count >= 2 * known.writtenCount || now - known.lastWritten >= Self.window
      if isDue {
        known.writtenCount = known.count
        known.lastWritten = now
      }
      series[kind] = known
      return isDue ? .update(eventName: known.eventName, count: known.count) : .drop
    }
    guard spend(kind.uid, now) else {
      dropped += 1
      return .drop
    }
    if series[kind] == nil {
      seriesOrder.append(kind)
      if seriesOrder.count > capacity, let oldest = seriesOrder.popFirst() { series[oldest] = nil }
    }
    series[kind] = Series(eventName: eventName, count: 1, writtenCount: 1, lastSeen: now, lastWritten: now)
    return .create
  }

  /// The event could not be written, or is gone: the next of its kind is a first one.
  mutating func eventLost(_ kind: Kind) {
    guard series.removeValue(forKey: kind) != nil else { return }
    seriesOrder.removeAll { $0 == kind }
  }

  private mutating func spend(_ uid: String, _ now: Instant) -> Bool {
    if budgets[uid] == nil {
      budgetOrder.append(uid)
      if budgetOrder.count > capacity, let oldest = budgetOrder.popFirst() { budgets[oldest] = nil }
    }
    var budget = budgets[uid] ?? Budget(left: Self.burst, at: now)
    budget.left = min(Self.burst, budget.left + (now - budget.at) / Self.refill)
    budget.at = now
    defer { budgets[uid] = budget }
    guard budget.left >= 1 else { return false }
    budget.left -= 1
    return true
  }
}
