/// The key of an object whose producer gave none: the firing that produced it and a count, so that every attempt makes
/// the same one. It shows what made it, so that nobody has to remember the keys that were made.
package enum DefaultKey {
  /// - Parameters:
  ///   - firing: the producing invocation's firing id.
  ///   - index: which of the invocation's default keys this is, from 1.
  package static func make(firing: String, index: Int) -> String { "\(firing)-\(index)" }

  /// Whether `make` gives that key for the firing and some index from 1.
  package static func isDefault(_ key: String, of firing: String) -> Bool { index(of: key, firing: firing) != nil }

  /// The index from 1 for which `make` gives that key: what follows the firing and a hyphen, a decimal number without
  /// leading zeros, byte for byte. Nil if there is none.
  package static func index(of key: String, firing: String) -> Int? {
    var rest = key.utf8[...]
    for byte in firing.utf8 { guard rest.popFirst() == byte else { return nil } }
    guard rest.popFirst() == UInt8(ascii: "-"), let first = rest.first, first != UInt8(ascii: "0") else { return nil }
    var index = 0
    for byte in rest {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      // What does not fit was made by no counter.
      let (tens, isTooLarge) = index.multipliedReportingOverflow(by: 10)
      let (sum, overflows) = tens.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
      guard !isTooLarge, !overflows else { return nil }
      index = sum
    }
    return index
  }
}
