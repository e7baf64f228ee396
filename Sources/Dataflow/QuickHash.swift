extension String {
  /// A hash of the bytes that takes some nanoseconds. It has no seed, so that it keeps accidents apart, and not those who
  /// choose their texts; what is stored under it is bounded, or belongs to who might.
  package var quickHash: UInt64 {
    let bytes = utf8.span
    var (hash, word, index) = (UInt64(bytes.count), UInt64(0), 0)
    while index + 8 <= bytes.count {
      // Eight bytes are left.
      let whole = unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
      hash = Self.mixed(hash ^ whole)
      index += 8
    }
    while index < bytes.count {
      word = word &<< 8 | UInt64(bytes[index])
      index += 1
    }
    return Self.mixed(hash ^ word)
  }

  @inline(__always)
  private static func mixed(_ word: UInt64) -> UInt64 {
    let product = word &* 0x9e37_79b9_7f4a_7c15
    return product ^ product &>> 32
  }
}
