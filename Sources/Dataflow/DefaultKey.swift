/// The key of an object whose producer gave none: the firing that produced it and a count, so that every attempt makes
/// the same one. It shows what made it, so that nobody has to remember the keys that were made.
package enum DefaultKey {
  /// - Parameters:
  ///   - firing: the producing invocation's firing id.
  ///   - index: which of the invocation's default keys this is, from 1.
  package static func make(firing: Label, index: Int) -> Label {
    if case .made(let digest, count: 0) = firing.form, let count = UInt32(exactly: index), count > 0 {
      return Label(digest, count: count)
    }
    return Label("\(firing)-\(index)")
  }

  /// Whether `make` gives that key for the firing and some index from 1.
  package static func isDefault(_ key: Label, of firing: Label) -> Bool { index(of: key, firing: firing) != nil }

  /// The index from 1 for which `make` gives that key: what follows the firing and a hyphen, a decimal number without
  /// leading zeros, byte for byte. Nil if there is none.
  package static func index(of key: Label, firing: Label) -> Int? {
    switch (key.form, firing.form) {
    case (.made(let maker, let count), _): return count > 0 && firing == Label(maker) ? Int(count) : nil
    // Only the count of such a key is too large to be kept as a number.
    case (.text(let text), .made(_, count: 0)) where text.utf8.count < Label.longestMade: return nil
    case (.text(let text), _): return index(of: text, firing: firing.text)
    }
  }

  private static func index(of key: String, firing: String) -> Int? {
    let (bytes, expected) = (key.utf8.span, firing.utf8.span)
    guard bytes.count > expected.count, bytes[expected.count] == UInt8(ascii: "-"),
      Self.begins(bytes, with: expected)
    else { return nil }
    return index(in: bytes, from: expected.count + 1)
  }

  /// What the bytes from that place on spell.
  static func index(in bytes: Span<UInt8>, from start: Int) -> Int? {
    guard start < bytes.count, bytes[start] != UInt8(ascii: "0") else { return nil }
    var index = 0
    for position in start..<bytes.count {
      let byte = bytes[position]
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      // What does not fit was made by no counter.
      let (tens, isTooLarge) = index.multipliedReportingOverflow(by: 10)
      let (sum, overflows) = tens.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
      guard !isTooLarge, !overflows else { return nil }
      index = sum
    }
    return index
  }

  /// Whether the first bytes, of which there are as many at least, are the others.
  @inline(__always)
  private static func begins(_ bytes: Span<UInt8>, with others: Span<UInt8>) -> Bool {
    var index = 0
    while index + 8 <= others.count {
      // Both have eight bytes more.
      let word = unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
      guard unsafe others.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self) == word else {
        return false
      }
      index += 8
    }
    while index < others.count {
      guard bytes[index] == others[index] else { return false }
      index += 1
    }
    return true
  }
}
