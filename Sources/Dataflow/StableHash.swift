/// A 128-bit hash with the same value in every process and release: SipHash-2-4 with a zero key
/// (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012; the 128-bit variant).
///
/// Firing ids, default keys and revisions are made of it. It keeps accidents apart; it is no signature.
package struct StableHash: Sendable {
  private var v0: UInt64 = 0x736f_6d65_7073_6575
  private var v1: UInt64 = 0x646f_7261_6e64_6f6d ^ 0xee
  private var v2: UInt64 = 0x6c79_6765_6e65_7261
  private var v3: UInt64 = 0x7465_6462_7974_6573
  private var tail: UInt64 = 0
  private var count: UInt64 = 0

  package init() {}

  /// Adds raw bytes.
  package mutating func update(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { update(byte) }
  }

  @inline(__always)
  private mutating func update(_ byte: UInt8) {
    tail |= UInt64(byte) << (8 * (count & 7))
    count &+= 1
    if count & 7 == 0 {
      compress(tail)
      tail = 0
    }
  }

  /// Adds one field: its length, then its bytes, so that ("ab", "c") and ("a", "bc") differ.
  package mutating func update(field: String) {
    let bytes = field.utf8.span
    update(word: UInt64(bytes.count))
    let whole = bytes.count & ~7
    var index = 0
    while index < whole {
      // Eight bytes are left.
      update(word: unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self).littleEndian)
      index += 8
    }
    while index < bytes.count {
      update(bytes[index])
      index += 1
    }
  }

  /// Adds eight bytes, the lowest first.
  @inline(__always)
  private mutating func update(word: UInt64) {
    let shift = 8 * (count & 7)
    count &+= 8
    compress(tail | word &<< shift)
    tail = shift == 0 ? 0 : word &>> (64 - shift)
  }

  /// The hash of all that was added, as 32 hexadecimal digits.
  package consuming func finish() -> String {
    compress(tail | (count << 56))
    v2 ^= 0xee
    for _ in 0..<4 { round() }
    let low = v0 ^ v1 ^ v2 ^ v3
    v1 ^= 0xdd
    for _ in 0..<4 { round() }
    let high = v0 ^ v1 ^ v2 ^ v3
    return Self.hexadecimal([low.byteSwapped, high.byteSwapped])
  }

  /// The hash of some fields, in their order.
  package static func of(_ fields: String...) -> String {
    var hash = StableHash()
    for field in fields { hash.update(field: field) }
    return hash.finish()
  }

  /// Sixteen digits for each word.
  private static func hexadecimal(_ words: [2 of UInt64]) -> String {
    // As many bytes are filled as are asked for.
    unsafe String(unsafeUninitializedCapacity: 32) { buffer in
      let bytes = UnsafeMutableRawBufferPointer(buffer)
      for index in 0..<4 {
        let half = UInt32(truncatingIfNeeded: words[index / 2] >> (index & 1 == 0 ? 32 : 0))
        unsafe bytes.storeBytes(of: digits(of: half).littleEndian, toByteOffset: index * 8, as: UInt64.self)
      }
      return 32
    }
  }

  /// Eight digits, the highest in the lowest byte; all of them at once.
  private static func digits(of word: UInt32) -> UInt64 {
    var digits = UInt64(word.byteSwapped)
    digits = (digits | digits << 16) & 0x0000_ffff_0000_ffff
    digits = (digits | digits << 8) & 0x00ff_00ff_00ff_00ff
    digits = (digits >> 4 & 0x000f_000f_000f_000f) | (digits & 0x000f_000f_000f_000f) << 8
    // A letter's byte has the fourth bit once six was added.
    let letters = (digits &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
    return digits &+ 0x3030_3030_3030_3030 &+ letters &* 39
  }

  @inline(__always)
  private mutating func compress(_ word: UInt64) {
    v3 ^= word
    round()
    round()
    v0 ^= word
  }

  @inline(__always)
  private mutating func round() {
    v0 &+= v1
    v1 = v1 << 13 | v1 >> 51
    v1 ^= v0
    v0 = v0 << 32 | v0 >> 32
    v2 &+= v3
    v3 = v3 << 16 | v3 >> 48
    v3 ^= v2
    v0 &+= v3
    v3 = v3 << 21 | v3 >> 43
    v3 ^= v0
    v2 &+= v1
    v1 = v1 << 17 | v1 >> 47
    v1 ^= v2
    v2 = v2 << 32 | v2 >> 32
  }
}
