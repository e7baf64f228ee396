package import Dataflow

/// What happened in a session, kept compactly and within bounds: the first entries and the latest ones.
package struct SessionLog: Sendable {
  /// Entries that are kept from the beginning, and as many again from the end.
  package static let keptAtEachEnd = 256

  package struct Entry: Sendable, Hashable {
    package var at: Duration
    package var event: Event
  }

  /// Functions, buckets and triggers are indices in the plan.
  package enum Event: Sendable, Hashable {
    case requested(function: Int)
    case put(by: InvocationName, bucket: Int, key: String)
    case called(by: InvocationName, function: Int)
    case announced(by: InvocationName, bucket: Int, count: Int)
    case fired(trigger: Int, inputs: Int)
    case ignored(trigger: Int, key: String)
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
  private var first: [Entry] = []
  private var latest: [Entry] = []
  private var oldestOfLatest = 0

  package init(start: Moment) { self.start = start }

  /// All entries that are kept, oldest first.
  package var entries: [Entry] { first + latest[oldestOfLatest...] + latest[..<oldestOfLatest] }

  /// Where the invocation was started last, if the log still holds it.
  func executor(of name: InvocationName) -> String? {
    for entry in entries.reversed() {
      if case .started(name, _, let executor) = entry.event { return executor }
    }
    return nil
  }

  mutating func record(_ event: Event, at now: Moment) {
    let entry = Entry(at: now.monotonic - start.monotonic, event: event)
    if first.count < Self.keptAtEachEnd {
      first.append(entry)
    } else if latest.count < Self.keptAtEachEnd {
      latest.append(entry)
    } else {
      latest[oldestOfLatest] = entry
      oldestOfLatest = (oldestOfLatest + 1) % Self.keptAtEachEnd
      dropped += 1
    }
  }
}
