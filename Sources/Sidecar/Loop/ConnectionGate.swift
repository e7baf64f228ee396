import DequeModule

/// Decides when executors' connections are accepted, and how long one may stand without a word.
///
/// What fails to be accepted stays in the listener's queue, and a level-triggered listener tells of it again at once. So
/// while descriptors are short the listener is left alone until a connection has closed, or for a second.
struct ConnectionGate {
  /// Connections that may stand at once.
  static let limit = 2048
  /// How long a connection may stand without its hello.
  static let helloTimeout: Duration = .seconds(10)
  /// How long the listener is left alone, for descriptors that others of this process give back.
  static let pause: Duration = .seconds(1)

  enum Action: Hashable {
    case ignoreListener
    case watchListener
    /// Connections are refused, and nothing was said of it yet.
    case logShortage
    case closeSilent(UInt64)
  }

  private(set) var count = 0
  private var pausedUntil: Duration?
  /// Something failed, and since then the listener's queue was never seen empty.
  private var isShort = false
  private var silent: Set<UInt64> = []
  /// In order of their deadlines, with some that are not silent any more.
  private var deadlines: Deque<(connection: UInt64, deadline: Duration)> = []

  init() {}

  /// Deadlines that are kept; at most twice the limit.
  var deadlineCount: Int { deadlines.count }

  var isFull: Bool { count >= Self.limit }

  /// When `timersDue` is to be called, by the monotonic clock.
  var nextDeadline: Duration? {
    guard let pausedUntil else { return deadlines.first?.deadline }
    return min(pausedUntil, deadlines.first?.deadline ?? pausedUntil)
  }

  mutating func accepted(_ connection: UInt64, now: Duration) {
    count += 1
    silent.insert(connection)
    if deadlines.count >= 2 * Self.limit { deadlines.removeAll { !silent.contains($0.connection) } }
    deadlines.append((connection, now + Self.helloTimeout))
  }

  mutating func queueEmptied() { isShort = false }

  mutating func acceptFailed(now: Duration) -> [Action] {
    pausedUntil = now + Self.pause
    defer { isShort = true }
    return isShort ? [.ignoreListener] : [.ignoreListener, .logShortage]
  }

  mutating func greeted(_ connection: UInt64) { hear(connection) }

  /// A connection that was accepted has closed; its descriptor is free.
  mutating func closed(_ connection: UInt64) -> [Action] {
    count -= 1
    hear(connection)
    return resume()
  }

  mutating func timersDue(now: Duration) -> [Action] {
    var actions: [Action] = []
    if let pausedUntil, pausedUntil <= now { actions = resume() }
    while let next = deadlines.first, next.deadline <= now {
      deadlines.removeFirst()
      if silent.remove(next.connection) != nil { actions.append(.closeSilent(next.connection)) }
    }
    return actions
  }

  private mutating func resume() -> [Action] {
    guard pausedUntil != nil else { return [] }
    pausedUntil = nil
    return [.watchListener]
  }

  /// The loop is not woken for a deadline that is of no concern any more.
  private mutating func hear(_ connection: UInt64) {
    silent.remove(connection)
    while let next = deadlines.first, !silent.contains(next.connection) { deadlines.removeFirst() }
  }
}
