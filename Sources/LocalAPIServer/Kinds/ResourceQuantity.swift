import FoundationEssentials
import KubernetesAPI

/// An amount of a resource: `100m`, `1.5Gi`, `2e3`.
struct ResourceQuantity: Sendable, Comparable {
  static let malformed =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

  /// As it was written.
  var text: String
  private var value: Decimal

  init?(_ document: JSONValue) {
    guard let text = document.stringValue ?? document.intValue.map(String.init) ?? Self.number(document) else {
      return nil
    }
    let digits = text.prefix { "+-.0123456789".contains($0) }
    guard digits.contains(where: \.isNumber), digits.dropFirst().allSatisfy({ !"+-".contains($0) }),
      digits.count(where: { $0 == "." }) <= 1, let number = Decimal(string: String(digits)),
      let scale = Self.scale(text.dropFirst(digits.count))
    else { return nil }
    self.text = text
    value = number * scale
  }

  var isNegative: Bool { value < 0 }

  static func < (one: Self, other: Self) -> Bool { one.value < other.value }
  static func == (one: Self, other: Self) -> Bool { one.value == other.value }

  private static func number(_ document: JSONValue) -> String? {
    if case .number(let value) = document { String(value) } else { nil }
  }

  private static func scale(_ suffix: Substring) -> Decimal? {
    let binary = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]
    if let power = binary.firstIndex(of: String(suffix)) { return pow(Decimal(1024), power + 1) }
    let decimal: [String: Int] = [
      "n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18,
    ]
    if let power = decimal[String(suffix)] { return power10(power) }
    guard let first = suffix.first, first == "e" || first == "E", let power = Int(suffix.dropFirst()),
      (-27...27).contains(power)
    else { return nil }
    return power10(power)
  }

  private static func power10(_ power: Int) -> Decimal {
    Decimal(sign: .plus, exponent: power, significand: 1)
  }
}
