package import FoundationEssentials

/// Times as the API writes them.
package enum Timestamp {
  package static func parse(_ text: String) -> Date? {
    if let date = try? Date(text, strategy: .iso8601) { return date }
    return try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
  }

  package static func format(_ date: Date) -> String { date.formatted(.iso8601) }
}
