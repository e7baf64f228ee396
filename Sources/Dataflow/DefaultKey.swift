/// The key of an object whose producer gave it none: made of the firing and a counter, so that every attempt makes the same
/// ones and no other invocation can make them.
package enum DefaultKey {
  /// - Parameter index: from 1, in the order in which the attempt asks for keys.
  package static func make(firing: String, index: Int) -> String { "\(firing)-\(index)" }

  /// Whether the key is one that `make` makes for the firing.
  package static func isDefault(_ key: String, of firing: String) -> Bool {
    let (key, firing) = (key.utf8, firing.utf8)
    guard key.starts(with: firing) else { return false }
    let rest = key.dropFirst(firing.count)
    guard rest.first == UInt8(ascii: "-") else { return false }
    let digits = rest.dropFirst()
    return digits.first.map { $0 != UInt8(ascii: "0") } == true && digits.count <= 18
      && digits.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
  }
}
