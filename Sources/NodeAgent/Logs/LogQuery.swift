package import FoundationEssentials

/// What someone asks of a log: the query of the kubelet's `containerLogs`.
package struct LogQuery: Sendable, Hashable {
  package var follow = false
  package var previous = false
  package var timestamps = false
  package var tailLines: Int?
  package var since: Date?
  package var limitBytes: Int?

  package init() {}

  /// `now` turns `sinceSeconds` into a time.
  package init(_ parameters: [String: String], now: Date) throws(ProcessError) {
    func flag(_ name: String) -> Bool { ["true", "1", ""].contains(parameters[name] ?? "false") }
    func number(_ name: String) throws(ProcessError) -> Int? {
      guard let text = parameters[name] else { return nil }
      guard let number = Int(text), number >= 0 else {
        throw ProcessError("\(name) has to be a number that is not negative, not \"\(text)\"")
      }
      return number
    }
    follow = flag("follow")
    previous = flag("previous")
    timestamps = flag("timestamps")
    tailLines = try number("tailLines")
    limitBytes = try number("limitBytes")
    since = try number("sinceSeconds").map { now.addingTimeInterval(-Double($0)) }
    if let text = parameters["sinceTime"] {
      guard let time = try? Date(text, strategy: .iso8601) else {
        throw ProcessError("sinceTime has to be a time such as 2026-01-31T10:00:00Z, not \"\(text)\"")
      }
      since = time
    }
  }
}
