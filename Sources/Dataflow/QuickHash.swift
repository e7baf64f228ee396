extension String {
  /// A hash of the bytes that takes some nanoseconds. It has no seed, so that it keeps accidents apart, and not those who
  /// choose their texts; what is stored under it is bounded, or belongs to who might.
  package var quickHash: UInt64 {
    var (hash, word) = (UInt64(0), UInt64(0))
    let bytes = utf8.span
    for index in bytes.indices {
      word = word &<< 8 | UInt64(bytes[index])
      if index & 7 == 7 { (hash, word) = (Self.mixed(hash ^ word), 0) }
    }
    return Self.mixed(hash ^ word ^ UInt64(bytes.count) &<< 56)
  }

  @inline(__always)
  private static func mixed(_ word: UInt64) -> UInt64 {
    let product = word &* 0x9e37_79b9_7f4a_7c15
    return product ^ product &>> 32
  }
}
