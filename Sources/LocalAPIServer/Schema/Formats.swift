import FoundationEssentials
import KubernetesAPI

/// The string formats that schemas may ask for. Unknown formats accept everything, as in a real API server.
enum Formats {
  static func isValid(_ text: String, format: String) -> Bool {
    switch format {
    case "date-time": Timestamps.parse(text) != nil
    case "date": Timestamps.parse(text + "T00:00:00Z") != nil
    case "uuid": UUID(uuidString: text) != nil
    case "quantity": ResourceQuantity(.string(text)) != nil
    case "byte": Data(base64Encoded: text) != nil
    default: true
    }
  }
}

/// RFC 3339 in and out.
enum Timestamps {
  static func text(_ date: Date) -> String { date.formatted(.iso8601) }

  static func parse(_ text: String) -> Date? {
    if let date = try? Date(text, strategy: .iso8601) { return date }
    return try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
  }
}
