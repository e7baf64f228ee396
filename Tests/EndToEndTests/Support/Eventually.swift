/// Asks again and again until there is an answer, at most as long as `limit`.
///
/// The one place of the suite that waits for time to pass: what it waits for happens in other programs. Where kubectl
/// can wait by itself, that is used.
@discardableResult
func eventually<Answer>(
  _ expectation: String, within limit: Duration = .seconds(60), _ ask: () async throws -> Answer?
) async throws -> Answer {
  let deadline = ContinuousClock.now + limit
  var latest: (any Error)?
  while true {
    do {
      if let answer = try await ask() { return answer }
      latest = nil
    } catch let error as NotYet {
      latest = error
    }
    guard ContinuousClock.now < deadline else { throw TimedOut(expectation: expectation, limit: limit, latest: latest) }
    // sleep: the pause between two polls of another program
    try await Task.sleep(for: .milliseconds(200))
  }
}

/// Thrown while polling to say what was seen instead of what is expected; shown only when the time is up.
struct NotYet: Error, CustomStringConvertible {
  var seen: String
  init(_ seen: String) { self.seen = seen }
  var description: String { seen }
}

/// Something did not come to pass in time.
struct TimedOut: Error, CustomStringConvertible {
  var expectation: String
  var limit: Duration
  var latest: (any Error)?
  var description: String { "not within \(limit): \(expectation)" + (latest.map { "; seen at last: \($0)" } ?? "") }
}
