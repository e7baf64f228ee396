/// The decimal digits of a number as ASCII, which take no memory of their own.
package struct DecimalDigits: Sendable {
  /// How many digits the highest number has.
  package static let limit = 10

  private var digits = [10 of UInt8](repeating: 0)
  private var start = Self.limit

  @inline(__always)
  package init(_ number: UInt32) {
    var rest = number
    repeat {
      start -= 1
      digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    } while rest > 0
  }

  package var count: Int { Self.limit - start }

  /// The highest digit is at 0.
  package subscript(index: Int) -> UInt8 { digits[start + index] }
}
