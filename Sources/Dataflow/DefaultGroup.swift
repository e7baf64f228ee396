/// The group of an object whose producer gave none: its key up to the first colon, or all of it.
package enum DefaultGroup {
  package static func make(key: String) -> String {
    // By bytes: a mark behind the colon must not hide it.
    guard let colon = key.utf8.firstIndex(of: UInt8(ascii: ":")) else { return key }
    return String(key[..<colon])
  }
}
