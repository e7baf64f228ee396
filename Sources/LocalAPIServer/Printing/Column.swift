import FoundationEssentials
import KubernetesAPI

/// A column of a `Table` answer, and how its cells are read from an object.
struct Column: Sendable {
  var name: String
  var type: String
  var format: String = ""
  var description: String
  var priority: Int = 0
  var cell: @Sendable (JSONValue, Date) -> JSONValue

  init(
    name: String, type: String = "string", format: String = "", description: String = "", priority: Int = 0,
    cell: @escaping @Sendable (JSONValue, Date) -> JSONValue
  ) {
    self.name = name
    self.type = type
    self.format = format
    self.description = description
    self.priority = priority
    self.cell = cell
  }

  var definition: JSONValue {
    [
      "name": .string(name), "type": .string(type), "format": .string(format), "description": .string(description),
      "priority": .integer(Int64(priority)),
    ]
  }

  static let name = Column(
    name: "Name", format: "name", description: "The name of the object, unique among those of its kind and namespace."
  ) { object, _ in
    object[path: "metadata", "name"] ?? ""
  }

  static let age = Column(name: "Age", description: "The time since the object was created.") { object, now in
    value(object[path: "metadata", "creationTimestamp"], type: "date", now: now)
  }

  static let usual = [name, age]

  /// A cell of a declared type.
  static func value(_ value: JSONValue?, type: String, now: Date) -> JSONValue {
    guard let value, !value.isNull else { return .null }
    switch type {
    case "date":
      guard let text = value.stringValue, let date = Timestamps.parse(text) else { return "<unknown>" }
      return .string(HumanDuration.text(now.timeIntervalSince(date)))
    case "integer": return value.intValue.map { .integer(Int64($0)) } ?? .null
    case "number": return value.doubleValue == nil ? .null : value
    case "boolean": return value.boolValue == nil ? .null : value
    default:
      switch value {
      case .string: return value
      case .object, .array: return .string(value.canonicalText)
      default: return .string(value.canonicalText)
      }
    }
  }

  /// A text cell; `<none>` where there is no text.
  static func text(_ name: String, priority: Int = 0, _ read: @escaping @Sendable (JSONValue) -> String?) -> Column {
    Column(name: name, priority: priority) { object, _ in
      let text = read(object) ?? ""
      return .string(text.isEmpty ? "<none>" : text)
    }
  }
}

/// Ages as `kubectl` shows them.
///
/// | seconds | text |
/// |---|---|
/// | under 120 | `119s` |
/// | under 10 minutes | `9m59s` |
/// | under 3 hours | `179m` |
/// | under 8 hours | `7h59m` |
/// | under 2 days | `47h` |
/// | under 8 days | `7d23h` |
/// | under 2 years | `729d` |
/// | under 8 years | `7y364d` |
enum HumanDuration {
  static func text(_ interval: TimeInterval) -> String {
    let seconds = Int(interval)
    if seconds < -1 { return "<invalid>" }
    if seconds < 0 { return "0s" }
    if seconds < 120 { return "\(seconds)s" }
    let minutes = seconds / 60
    if minutes < 10 { return pair(minutes, "m", seconds % 60, "s") }
    if minutes < 180 { return "\(minutes)m" }
    let hours = minutes / 60
    if hours < 8 { return pair(hours, "h", minutes % 60, "m") }
    if hours < 48 { return "\(hours)h" }
    let days = hours / 24
    if days < 8 { return pair(days, "d", hours % 24, "h") }
    if days < 730 { return "\(days)d" }
    let years = days / 365
    if years < 8 { return pair(years, "y", days % 365, "d") }
    return "\(years)y"
  }

  private static func pair(_ large: Int, _ largeUnit: String, _ small: Int, _ smallUnit: String) -> String {
    small == 0 ? "\(large)\(largeUnit)" : "\(large)\(largeUnit)\(small)\(smallUnit)"
  }
}
