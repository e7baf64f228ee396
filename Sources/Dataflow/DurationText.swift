/// Durations as Kubernetes writes them: a sequence of decimal numbers with units, such as `200ms`, `1m30s` or `1.5h`.
package enum DurationText {
  private static let nanosecondsByUnit: [(unit: String, nanoseconds: Double)] = [
    ("ns", 1), ("us", 1e3), ("µs", 1e3), ("\u{3BC}s", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
  ]

  /// Reads `text`; nil unless all of it is a duration. A bare `0` is one, as in Go.
  package static func parse(_ text: String) -> Duration? {
    var rest = text[...]
    let negative = rest.first == "-"
    if negative || rest.first == "+" { rest.removeFirst() }
    if rest == "0" { return .zero }
    guard !rest.isEmpty else { return nil }
    var nanoseconds = 0.0
    while !rest.isEmpty {
      let number = rest.prefix { ("0"..."9").contains($0) || $0 == "." }
      rest = rest[number.endIndex...]
      let unit = rest.prefix { !("0"..."9").contains($0) && $0 != "." }
      rest = rest[unit.endIndex...]
      guard let value = Double(number), let scale = nanosecondsByUnit.first(where: { $0.unit == unit }) else {
        return nil
      }
      nanoseconds += value * scale.nanoseconds
    }
    guard nanoseconds < 9.2e18 else { return nil }
    // Rounded, since 1.001us is a little less than 1001ns in floating point.
    return .nanoseconds(Int64((negative ? -nanoseconds : nanoseconds).rounded()))
  }

  /// Writes a duration for people, with at most one decimal: `850µs`, `1.2s`, `3m20s`, `2h5m`.
  package static func format(_ duration: Duration) -> String {
    let nanoseconds = duration.wholeNanoseconds
    if nanoseconds < 0 { return "-" + format(.nanoseconds(-max(nanoseconds, -.max))) }
    // What rounds up to the next unit is written in it.
    switch nanoseconds {
    case 0: return "0s"
    case ..<999_950: return decimal(Double(nanoseconds) / 1e3) + "µs"
    case ..<999_950_000: return decimal(Double(nanoseconds) / 1e6) + "ms"
    case ..<59_950_000_000: return decimal(Double(nanoseconds) / 1e9) + "s"
    default:
      let seconds = Int64((Double(nanoseconds) / 1e9).rounded())
      let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
      if hours > 0 { return minutes > 0 ? "\(hours)h\(minutes)m" : "\(hours)h" }
      return seconds % 60 > 0 ? "\(minutes)m\(seconds % 60)s" : "\(minutes)m"
    }
  }

  private static func decimal(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
  }
}

extension Duration {
  /// The duration in nanoseconds, cut to what an `Int64` holds (292 years).
  package var wholeNanoseconds: Int64 {
    // Asked first, since the components of what is longer end the program.
    guard self < .nanoseconds(Int64.max) else { return .max }
    guard self > .nanoseconds(Int64.min) else { return .min }
    let (seconds, attoseconds) = components
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}
