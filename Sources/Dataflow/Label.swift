/// A firing's name, or an object's key: a text, which nearly always the platform has made of a digest and perhaps a count.
/// Such a one is kept as numbers, so that to copy, compare and hash it takes no memory and counts no references. It becomes
/// text when somebody looks.
///
/// Labels are equal when Swift holds their texts to be equal: each text has one form.
package struct Label: Sendable, Hashable {
  package enum Form: Sendable, Hashable {
    /// The digest's text, with a hyphen and the count behind it unless that is zero.
    case made(Digest, count: UInt32)
    /// Any other text.
    case text(String)
  }

  package let form: Form

  /// A firing's name.
  package init(_ digest: Digest) { form = .made(digest, count: 0) }

  /// The default key of an object that the firing of that name has made, if the count is one from 1.
  init(_ digest: Digest, count: UInt32) { form = .made(digest, count: count) }

  package init(_ text: String) { form = Self.made(text.utf8.span) ?? .text(text) }

  /// Nil if the bytes are not such as the platform makes.
  package init?(made bytes: Span<UInt8>) {
    guard let made = Self.made(bytes) else { return nil }
    form = made
  }

  package var text: String {
    switch form {
    case .text(let text): text
    case .made(let digest, 0): digest.text
    case .made(let digest, let count):
      // As many bytes are filled as are said to be.
      unsafe String(unsafeUninitializedCapacity: Self.longestMade) { buffer in
        let digits = DecimalDigits(count)
        unsafe digest.write(to: UnsafeMutableRawBufferPointer(buffer))
        unsafe buffer[Digest.digitCount] = UInt8(ascii: "-")
        for index in 0..<digits.count { unsafe buffer[Digest.digitCount + 1 + index] = digits[index] }
        return Digest.digitCount + 1 + digits.count
      }
    }
  }

  package var isEmpty: Bool { byteCount == 0 }

  /// How many bytes the text has.
  package var byteCount: Int {
    switch form {
    case .text(let text): text.utf8.count
    case .made(_, 0): Digest.digitCount
    case .made(_, let count): Digest.digitCount + 1 + DecimalDigits(count).count
    }
  }

  /// The longest text that is kept as numbers: a digest, a hyphen, and the digits of the highest count.
  package static let longestMade = Digest.digitCount + 1 + DecimalDigits.limit

  /// Nil for any other text.
  @inline(__always)
  private static func made(_ bytes: Span<UInt8>) -> Form? {
    guard bytes.count >= Digest.digitCount, bytes.count <= longestMade else { return nil }
    let digits = [4 of UInt64] { quarter in
      // There are so many bytes.
      unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: quarter * 8, as: UInt64.self).littleEndian
    }
    guard let digest = Digest(digits: digits) else { return nil }
    if bytes.count == Digest.digitCount { return .made(digest, count: 0) }
    guard bytes[Digest.digitCount] == UInt8(ascii: "-"),
      let count = DefaultKey.index(in: bytes, from: Digest.digitCount + 1).flatMap({ UInt32(exactly: $0) })
    else { return nil }
    return .made(digest, count: count)
  }

  /// Keeps accidents apart, and not those who choose their texts.
  package var quickHash: UInt64 {
    switch form {
    case .made(let digest, let count): digest.low &+ UInt64(count)
    case .text(let text): text.quickHash
    }
  }
}

extension Label: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
  package init(stringLiteral text: String) { self.init(text) }
}

extension Label: CustomStringConvertible, CustomDebugStringConvertible {
  package var description: String { text }
  package var debugDescription: String { text.debugDescription }
}

extension Label: Codable {
  package init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode(String.self))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
