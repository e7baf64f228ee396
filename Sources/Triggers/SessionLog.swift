package import Dataflow
import DequeModule

/// What happened in a session, kept compactly and within bounds: the first entries and the latest ones.
package struct SessionLog: Sendable {
  /// Entries that are kept from the beginning, and as many again from the end.
  package static let keptAtEachEnd = 256
  /// Bytes that the entries of one session take at most.
  package static let byteLimit = 64 << 10

  package struct Entry: Sendable, Hashable {
    package var at: Duration
    package var event: Event
  }

  /// Functions, buckets and triggers are indices in the plan.
  package enum Event: Sendable, Hashable {
    case requested(function: Int)
    case put(by: InvocationName, bucket: Int, key: Label)
    case called(by: InvocationName, function: Int)
    case announced(by: InvocationName, bucket: Int, count: Int)
    case fired(trigger: Int, inputs: Int)
    case ignored(trigger: Int, key: Label)
    case started(InvocationName, attempt: Int, executor: String)
    case committed(InvocationName, puts: Int, outputs: Int)
    case attemptFailed(InvocationName, attempt: Int, message: String)
    case retrying(InvocationName, attempt: Int, after: Duration)
    /// A second attempt is made beside one that takes long.
    case recovering(InvocationName, attempt: Int)
    /// Redundant triggers have what they need without it.
    case spared(InvocationName)
    /// It has failed for good, and the redundant triggers it feeds can do without it.
    case doneWithout(InvocationName)
    case incomplete(trigger: Int, lacks: Int)
    case ended(SessionOutcome)
  }

  package let start: Moment
  /// Entries that were pushed out of the middle.
  package private(set) var dropped = 0
  /// About how much memory the entries take.
  package private(set) var byteCount = 0
  private var first: [Entry] = []
  private var latest: Deque<Entry> = []

  package init(start: Moment) { self.start = start }

  /// All entries that are kept, oldest first.
  package var entries: [Entry] { first + latest }

  /// Where the invocation was started last, if the log still holds it.
  func executor(of name: InvocationName) -> String? {
    for entry in entries.reversed() {
      if case .started(name, _, let executor) = entry.event { return executor }
    }
    return nil
  }

  mutating func record(_ event: consuming Event, at now: Moment) {
    let entry = Entry(at: now.monotonic - start.monotonic, event: event)
    byteCount += entry.byteCount
    if first.count < Self.keptAtEachEnd, byteCount <= Self.byteLimit / 2, latest.isEmpty {
      // Few sessions have more.
      if first.isEmpty { first.reserveCapacity(12) }
      return first.append(entry)
    }
    latest.append(entry)
    while latest.count > Self.keptAtEachEnd || (byteCount > Self.byteLimit && latest.count > 1) {
      byteCount -= latest.removeFirst().byteCount
      dropped += 1
    }
  }

  /// Gives the memory of a session that is over back, but for how it ended.
  mutating func shed() {
    guard let end = latest.last ?? first.last else { return }
    dropped += first.count + latest.count - 1
    first = [end]
    latest = []
    byteCount = end.byteCount
  }
}

extension SessionLog.Entry {
  fileprivate var byteCount: Int { MemoryLayout<Self>.stride + event.textLength }
}

extension SessionLog.Event {
  fileprivate var textLength: Int {
    switch self {
    case .put(_, _, let key), .ignored(_, let key): key.byteCount
    case .started(_, _, let text), .attemptFailed(_, _, let text):
      text.utf8.count
    case .ended(let outcome): outcome.message.utf8.count
    case .requested, .called, .announced, .fired, .committed, .retrying, .recovering, .spared, .doneWithout,
      .incomplete:
      0
    }
  }
}
