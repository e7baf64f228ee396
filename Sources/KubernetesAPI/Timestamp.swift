package import FoundationEssentials

/// Times as Kubernetes writes them: RFC 3339 in UTC, to the second (`Time`) or the microsecond (`MicroTime`).
package enum Timestamp {
  package static func seconds(_ date: Date) -> String { text(date, fraction: false) }

  package static func microseconds(_ date: Date) -> String { text(date, fraction: true) }

  private static func text(_ date: Date, fraction: Bool) -> String {
    let total = Int((date.timeIntervalSince1970 * 1_000_000).rounded(.down))
    let (days, microsOfDay) = floorDivide(total, 86_400_000_000)
    let (secondOfDay, micros) = floorDivide(microsOfDay, 1_000_000)
    let day = civil(days)
    let clock = [secondOfDay / 3600, secondOfDay / 60 % 60, secondOfDay % 60].map { padded($0, 2) }
    return "\(padded(day.year, 4))-\(padded(day.month, 2))-\(padded(day.day, 2))T\(clock.joined(separator: ":"))"
      + (fraction ? ".\(padded(micros, 6))Z" : "Z")
  }

  /// The date of a day counted from 1970: years are taken to begin in March, so that leap days come last.
  private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
    let (era, dayOfEra) = floorDivide(days + 719_468, 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
  }

  private static func floorDivide(_ value: Int, _ divisor: Int) -> (quotient: Int, remainder: Int) {
    let remainder = ((value % divisor) + divisor) % divisor
    return ((value - remainder) / divisor, remainder)
  }

  private static func padded(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
