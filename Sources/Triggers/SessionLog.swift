package import Dataflow

/// What happened in a session, kept compactly and within bounds: the first entries and the latest ones.
package struct SessionLog: Sendable {
  /// Entries that are kept from the beginning, and as many again from the end.
  package static let keptAtEachEnd = 256

  package struct Entry: Sendable, Hashable {
    package var at: Duration
    package var event: Event
  }

  package enum Event: Sendable, Hashable {
    case requested(String)
    case put(by: String, bucket: String, key: String)
    case announced(by: String, bucket: String, count: Int)
    case fired(String, target: String, inputs: Int)
    case started(String, attempt: Int, executor: String)
    case committed(String, puts: Int, outputs: Int)
    case attemptFailed(String, attempt: Int, message: String)
    case retrying(String, attempt: Int, after: Duration)
    case incomplete(String, lacks: Int)
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
