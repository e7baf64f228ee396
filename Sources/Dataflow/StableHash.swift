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
    let length = UInt64(field.utf8.count)
    for shift in 0..<8 { update(UInt8(truncatingIfNeeded: length >> (8 * UInt64(shift)))) }
    update(field.utf8)
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
      for index in 0..<32 {
        let digit = UInt8(truncatingIfNeeded: words[index / 16] >> UInt64(60 - index % 16 * 4) & 15)
        unsafe buffer[index] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
      }
      return 32
    }
  }

  private mutating func compress(_ word: UInt64) {
    v3 ^= word
    round()
    round()
    v0 ^= word
  }

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
