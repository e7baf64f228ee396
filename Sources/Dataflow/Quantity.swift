import Glibc  // the mathematics library, which Double needs when nothing else links it

/// Byte counts as Kubernetes writes them: `256Mi`, `1.5Gi`, `64000k`.
package enum Quantity {
  private static let scales: [(suffix: String, factor: Double)] = [
    ("Ki", 1024), ("Mi", 1_048_576), ("Gi", 1_073_741_824), ("Ti", 1_099_511_627_776),
    ("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12), ("", 1),
  ]

  /// Reads `text` into bytes; nil unless all of it is a quantity that an `Int` holds.
  package static func bytes(_ text: String) -> Int? {
    guard let scale = scales.first(where: { text.hasSuffix($0.suffix) }) else { return nil }
    let digits = text.dropLast(scale.suffix.count)
    guard digits.first?.isNumber == true, digits.allSatisfy({ ("0"..."9").contains($0) || $0 == "." }),
      let value = Double(digits), value * scale.factor < 9e18
    else { return nil }
    return Int(value * scale.factor)
  }

  /// Writes a byte count for people: `512B`, `4Ki`, `1.5Gi`.
  package static func format(_ bytes: Int) -> String {
    var value = Double(bytes)
    for suffix in ["B", "Ki", "Mi", "Gi"] {
      // What rounds up to the next unit is written in it.
      if (value * 10).rounded() < 10_240 {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)\(suffix)" : "\(tenths / 10).\(tenths % 10)\(suffix)"
      }
      value /= 1024
    }
    return "\(Int(value.rounded()))Ti"
  }
}
