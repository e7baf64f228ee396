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

  /// The same of a label's text.
  package mutating func update(field: Label) {
    switch field.form {
    case .text(let text): update(field: text)
    case .made(let digest, let count):
      update(word: UInt64(field.byteCount))
      for quarter in 0..<4 { update(word: digest.digits(quarter)) }
      guard count > 0 else { return }
      let digits = DecimalDigits(count)
      update(UInt8(ascii: "-"))
      for index in 0..<digits.count { update(digits[index]) }
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
  package consuming func finish() -> String { digest().text }

  /// The hash of all that was added.
  package consuming func digest() -> Digest {
    compress(tail | (count << 56))
    v2 ^= 0xee
    for _ in 0..<4 { round() }
    let low = v0 ^ v1 ^ v2 ^ v3
    v1 ^= 0xdd
    for _ in 0..<4 { round() }
    let high = v0 ^ v1 ^ v2 ^ v3
    return Digest(high: low.byteSwapped, low: high.byteSwapped)
  }

  /// The hash of some fields, in their order.
  package static func of(_ fields: String...) -> String { digest(of: fields).text }

  package static func digest(of fields: String...) -> Digest { digest(of: fields) }

  private static func digest(of fields: [String]) -> Digest {
    var hash = StableHash()
    for field in fields { hash.update(field: field) }
    return hash.digest()
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
