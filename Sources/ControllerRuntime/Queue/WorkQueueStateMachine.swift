import DequeModule
package import KubernetesClient
import Telemetry

/// Which item is worked on when. Pure: time is an input.
///
/// An item is waiting, being worked on, or delayed. It is handed out to one worker at a time; added while it is worked
/// on, it waits once more after that. Everything is bounded by the number of different items.
struct WorkQueueStateMachine<Item: Hashable & Sendable> {
  typealias Instant = ContinuousClock.Instant

  enum Next: Equatable {
    case item(Item)
    /// Nothing to do, until something is added or this moment has come.
    case wait(until: Instant?)
    case shutDown
  }

  private var waiting: Deque<Item> = []
  /// Since when each of them could be worked on.
  private var waitingSince: [Item: Instant] = [:]
  private var working: Set<Item> = []
  /// Added while being worked on.
  private var again: Set<Item> = []
  private var delayed: [Item: Instant] = [:]
  private var failures: [Item: Int] = [:]
  private var isShutDown = false
  private let backoff: Backoff
  /// Bounds the retries of all items together: when everything fails, the many first retries are not a flood.
  private var retries: TokenBucket

  /// How long items could be worked on before a worker took them.
  private(set) var waits = Histogram.slow

  init(backoff: Backoff = .workQueue, retries: TokenBucket = .workQueueRetries) {
    self.backoff = backoff
    self.retries = retries
  }

  /// Items that are waiting or delayed.
  var count: Int { waiting.count + delayed.count + again.count }

  mutating func add(_ item: Item, now: Instant) {
    guard !isShutDown, waitingSince[item] == nil else { return }
    if working.contains(item) {
      again.insert(item)
    } else {
      delayed[item] = nil
      waitingSince[item] = now
      waiting.append(item)
    }
  }

  /// The earlier of two times counts.
  mutating func add(_ item: Item, after delay: Duration, now: Instant) {
    guard delay > .zero else { return add(item, now: now) }
    guard !isShutDown, waitingSince[item] == nil else { return }
    let time = now + delay
    delayed[item] = min(delayed[item] ?? time, time)
  }

  /// Delayed by how often it was added this way since it was last forgotten, or longer, if there are too many retries
  /// of other items. Returns the delay.
  @discardableResult
  mutating func addRateLimited(_ item: Item, now: Instant, random: Double) -> Duration {
    failures[item, default: 0] += 1
    let own = backoff.delay(attempt: failures[item] ?? 1, random: random)
    // No item waits for longer than if it had failed for ever by itself, however many there are.
    let delay = max(own, retries.take(now: now, limit: backoff.limit) ?? backoff.limit)
    add(item, after: delay, now: now)
    return delay
  }

  /// The item is well: its next failure is its first.
  mutating func forget(_ item: Item) { failures[item] = nil }

  mutating func next(now: Instant) -> Next {
    promoteDelayed(now)
    if let item = waiting.popFirst() {
      if let since = waitingSince.removeValue(forKey: item) { waits.observe(max(.zero, now - since)) }
      working.insert(item)
      return .item(item)
    }
    if isShutDown { return .shutDown }
    return .wait(until: delayed.values.min())
  }

  mutating func done(_ item: Item, now: Instant) {
    guard working.remove(item) != nil else { return }
    if again.remove(item) != nil { add(item, now: now) }
  }

  /// Nothing new is taken; what waits is given up.
  mutating func shutDown() {
    isShutDown = true
    waiting = []
    waitingSince = [:]
    again = []
    delayed = [:]
  }

  private mutating func promoteDelayed(_ now: Instant) {
    guard !delayed.isEmpty else { return }
    let due = delayed.filter { $0.value <= now }.sorted { $0.value < $1.value }
    for (item, time) in due {
      delayed[item] = nil
      add(item, now: time)
    }
  }
}

extension TokenBucket {
  /// Ten retries a second, and a hundred at once; as controller-runtime has it.
  package static let workQueueRetries = TokenBucket(rate: 10, burst: 100)
}
