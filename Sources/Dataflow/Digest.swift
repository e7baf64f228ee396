/// 128 bits that `StableHash` has made, and their text: 32 hexadecimal digits.
package struct Digest: Sendable, Hashable {
  package static let digitCount = 32

  /// The first sixteen digits, and the others.
  package var high: UInt64
  package var low: UInt64

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// What 32 bytes spell, if those are digits as `digits` has them.
  @inline(__always)
  init?(digits: [4 of UInt64]) {
    high = UInt64(Self.word(of: digits[0])) << 32 | UInt64(Self.word(of: digits[1]))
    low = UInt64(Self.word(of: digits[2])) << 32 | UInt64(Self.word(of: digits[3]))
    // Bytes that are no digits give some number, too, but one that is spelt in another way.
    for index in 0..<4 where self.digits(index) != digits[index] { return nil }
  }

  /// A quarter of the digits, the first one in the lowest byte.
  @inline(__always)
  package func digits(_ quarter: Int) -> UInt64 {
    let half = quarter < 2 ? high : low
    return Self.digits(of: UInt32(truncatingIfNeeded: quarter & 1 == 0 ? half >> 32 : half))
  }

  package var text: String {
    // As many bytes are filled as are asked for.
    unsafe String(unsafeUninitializedCapacity: Self.digitCount) { buffer in
      unsafe write(to: UnsafeMutableRawBufferPointer(buffer))
      return Self.digitCount
    }
  }

  /// Fills the first bytes, of which there are enough.
  @unsafe
  @inline(__always)
  func write(to buffer: UnsafeMutableRawBufferPointer) {
    for quarter in 0..<4 {
      unsafe buffer.storeBytes(of: digits(quarter).littleEndian, toByteOffset: quarter * 8, as: UInt64.self)
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

  /// The same backwards.
  private static func word(of digits: UInt64) -> UInt32 {
    // A letter has the sixth bit.
    let letters = digits >> 6 & 0x0101_0101_0101_0101
    var word = (digits & 0x0f0f_0f0f_0f0f_0f0f) &+ letters &* 9
    word = (word << 4 | word >> 8) & 0x00ff_00ff_00ff_00ff
    word = (word | word >> 8) & 0x0000_ffff_0000_ffff
    return UInt32(truncatingIfNeeded: word | word >> 16).byteSwapped
  }
}
