/// The key of an object whose producer gave none: the firing that produced it and a count, so that every attempt makes
/// the same one. It shows what made it, so that nobody has to remember the keys that were made.
package enum DefaultKey {
  /// - Parameters:
  ///   - firing: the producing invocation's firing id.
  ///   - index: which of the invocation's default keys this is, from 1.
  package static func make(firing: String, index: Int) -> String { "\(firing)-\(index)" }

  /// Whether `make` gives that key for the firing and some index from 1: the firing, a hyphen, and a decimal number
  /// without leading zeros, byte for byte.
  package static func isDefault(_ key: String, of firing: String) -> Bool {
    var rest = key.utf8[...]
    for byte in firing.utf8 { guard rest.popFirst() == byte else { return false } }
    guard rest.popFirst() == UInt8(ascii: "-"), let first = rest.first, first != UInt8(ascii: "0") else { return false }
    // The largest index has 19 digits; what is longer was made by no counter.
    return rest.count <= 19 && rest.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }
}
