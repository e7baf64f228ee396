import Dataflow
import Testing

@Suite("Stable hash")
struct StableHashTests {
  @Test("The reference below agrees with the vectors that SipHash's authors publish")
  func reference() {
    let key: (UInt64, UInt64) = (0x0706_0504_0302_0100, 0x0F0E_0D0C_0B0A_0908)
    #expect(Self.siphash128([], key: key) == "a3817f04ba25a8e66df67214c7550293")
    #expect(Self.siphash128([0], key: key) == "da87c1d86b99af44347659119b22fc45")
  }

  @Test("It is SipHash-2-4-128 with a zero key at every length up to three words")
  func agreesWithReference() {
    for length in 0...24 {
      let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 37 + 200) }
      var hash = StableHash()
      hash.update(bytes)
      #expect(hash.finish() == Self.siphash128(bytes, key: (0, 0)), "length \(length)")
    }
  }

  @Test("Bytes hash alike however they are handed over")
  func pieces() {
    let bytes = [UInt8](0..<20)
    var whole = StableHash()
    whole.update(bytes)
    let expected = whole.finish()
    for split in bytes.indices {
      var hash = StableHash()
      hash.update(bytes[..<split])
      hash.update(bytes[split...])
      #expect(hash.finish() == expected)
    }
  }

  @Test("Fields are kept apart")
  func fields() {
    let hashes = [
      StableHash.of("ab", "c"), StableHash.of("a", "bc"), StableHash.of("abc"), StableHash.of("abc", ""),
      StableHash.of("", "abc"), StableHash.of("c", "ab"),
    ]
    #expect(Set(hashes).count == hashes.count)
    #expect(hashes.allSatisfy { $0.utf8.count == 32 })
    #expect(StableHash.of("ab", "c") == hashes[0])
  }

  @Test("A field is its length in eight bytes, then its bytes")
  func fieldLayout() {
    #expect(StableHash.of("ab") == Self.siphash128([2, 0, 0, 0, 0, 0, 0, 0, 97, 98], key: (0, 0)))
  }

  /// The algorithm written down straight from the paper, all at once.
  private static func siphash128(_ message: [UInt8], key: (UInt64, UInt64)) -> String {
    var v: [UInt64] = [
      key.0 ^ 0x736f_6d65_7073_6575, key.1 ^ 0x646f_7261_6e64_6f6d, key.0 ^ 0x6c79_6765_6e65_7261,
      key.1 ^ 0x7465_6462_7974_6573,
    ]
    func rotate(_ word: UInt64, _ bits: UInt64) -> UInt64 { (word << bits) | (word >> (64 - bits)) }
    func mix(_ rounds: Int) {
      for _ in 0..<rounds {
        v[0] = v[0] &+ v[1]
        v[2] = v[2] &+ v[3]
        v[1] = rotate(v[1], 13) ^ v[0]
        v[3] = rotate(v[3], 16) ^ v[2]
        v[0] = rotate(v[0], 32)
        v[2] = v[2] &+ v[1]
        v[0] = v[0] &+ v[3]
        v[1] = rotate(v[1], 17) ^ v[2]
        v[3] = rotate(v[3], 21) ^ v[0]
        v[2] = rotate(v[2], 32)
      }
    }
    v[1] ^= 0xee
    var padded = message + [UInt8](repeating: 0, count: 7 - message.count % 8)
    padded.append(UInt8(truncatingIfNeeded: message.count))
    for start in stride(from: 0, to: padded.count, by: 8) {
      var word: UInt64 = 0
      for byte in 0..<8 { word |= UInt64(padded[start + byte]) << UInt64(8 * byte) }
      v[3] ^= word
      mix(2)
      v[0] ^= word
    }
    v[2] ^= 0xee
    mix(4)
    let low = v.reduce(0, ^)
    v[1] ^= 0xdd
    mix(4)
    let high = v.reduce(0, ^)
    return text(low) + text(high)
  }

  /// The bytes of a word in their little-endian order, each as two digits.
  private static func text(_ word: UInt64) -> String {
    var text = ""
    for byte: UInt64 in 0..<8 {
      let value = UInt8(truncatingIfNeeded: word >> (8 * byte))
      text += String(value >> 4, radix: 16) + String(value & 15, radix: 16)
    }
    return text
  }
}
