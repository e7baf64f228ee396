/// Why compressed bytes cannot be read.
struct InflateError: Error, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }
}

/// Undoes zlib's compression (RFC 1950 and 1951) of one stream that arrives in pieces, such as the header blocks of a
/// SPDY connection. Each piece has to end where the compressor has flushed, as the protocol demands.
///
/// It is written for short texts from a peer that may be hostile: it keeps no more than a window of 32 KiB and gives
/// no more than the caller's limit.
struct Inflate: Sendable {
  private static let windowSize = 32_768

  private let dictionary: [UInt8]
  private var hasBegun = false
  private var hasEnded = false
  /// The latest output, which later output may repeat.
  private var window: [UInt8] = []

  init(dictionary: [UInt8] = []) { self.dictionary = dictionary }

  /// The text of the next piece. After an error the stream is lost.
  mutating func inflate(_ piece: [UInt8], limit: Int) throws(InflateError) -> [UInt8] {
    var bits = BitReader(piece)
    if !hasBegun {
      try begin(&bits)
      hasBegun = true
    }
    let start = window.count
    while !hasEnded, !bits.isAtEnd { try block(&bits, end: start + limit) }
    let text = Array(window[start...])
    if window.count > Self.windowSize { window.removeFirst(window.count - Self.windowSize) }
    return text
  }

  private mutating func begin(_ bits: inout BitReader) throws(InflateError) {
    let method = try bits.take(8)
    let flags = try bits.take(8)
    guard method & 0xf == 8, method >> 4 <= 7, (method << 8 | flags) % 31 == 0 else {
      throw InflateError("this is no zlib stream")
    }
    guard flags & 0x20 != 0 else { return }
    var checksum = UInt32(0)
    for _ in 0..<4 { checksum = checksum << 8 | UInt32(try bits.take(8)) }
    guard checksum == Self.checksum(dictionary) else {
      throw InflateError("the stream was compressed with another dictionary")
    }
    window = dictionary
  }

  private mutating func block(_ bits: inout BitReader, end: Int) throws(InflateError) {
    let isLast = try bits.take(1) == 1
    switch try bits.take(2) {
    case 0: try stored(&bits, end: end)
    case 1: try compressed(&bits, literals: .fixedLiterals, distances: .fixedDistances, end: end)
    case 2:
      let (literals, distances) = try HuffmanCode.pair(&bits)
      try compressed(&bits, literals: literals, distances: distances, end: end)
    default: throw InflateError("there is no block of this type")
    }
    // What follows the last block is a checksum of the text, which TCP has ensured already.
    if isLast { hasEnded = true }
  }

  private mutating func stored(_ bits: inout BitReader, end: Int) throws(InflateError) {
    bits.skipToByte()
    let length = try bits.take(16)
    guard try bits.take(16) == ~length & 0xffff else { throw InflateError("a stored block's length is damaged") }
    guard length <= end - window.count else { throw InflateError("the text is longer than allowed") }
    for _ in 0..<length { window.append(UInt8(try bits.take(8))) }
  }

  private mutating func compressed(
    _ bits: inout BitReader, literals: HuffmanCode, distances: HuffmanCode, end: Int
  ) throws(InflateError) {
    while true {
      let symbol = try literals.symbol(&bits)
      if symbol == 256 { return }
      if symbol < 256 {
        guard window.count < end else { throw InflateError("the text is longer than allowed") }
        window.append(UInt8(symbol))
        continue
      }
      guard symbol - 257 < Self.lengths.count else { throw InflateError("there is no length of this number") }
      let length = Self.lengths[symbol - 257] + (try bits.take(Self.lengthBits[symbol - 257]))
      let number = try distances.symbol(&bits)
      guard number < Self.distances.count else { throw InflateError("there is no distance of this number") }
      let distance = Self.distances[number] + (try bits.take(number < 2 ? 0 : number / 2 - 1))
      guard distance <= window.count else { throw InflateError("the text repeats what was never there") }
      guard length <= end - window.count else { throw InflateError("the text is longer than allowed") }
      // One by one, since a repetition may overlap itself.
      for _ in 0..<length { window.append(window[window.count - distance]) }
    }
  }

  /// The extra bits of a length or distance grow regularly, and with them the smallest value of each symbol.
  private static let lengthBits = (0..<28).map { $0 < 8 ? 0 : $0 / 4 - 1 } + [0]
  private static let lengths = smallest(lengthBits.dropLast(), from: 3) + [258]
  private static let distances = smallest((0..<30).map { $0 < 2 ? 0 : $0 / 2 - 1 }, from: 1)

  private static func smallest(_ bits: some Sequence<Int>, from first: Int) -> [Int] {
    var next = first
    return bits.map { count in
      defer { next += 1 << count }
      return next
    }
  }

  /// Adler-32, by which a stream names its dictionary.
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var low = UInt32(1)
    var high = UInt32(0)
    for byte in bytes {
      low = (low + UInt32(byte)) % 65_521
      high = (high + low) % 65_521
    }
    return high << 16 | low
  }
}

/// Takes bits from bytes, the lowest first.
struct BitReader {
  private let bytes: [UInt8]
  private var position = 0
  private var pending = 0
  private var pendingCount = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Whether all whole bytes are used up. A flush ends with a whole byte.
  var isAtEnd: Bool { position == bytes.count && pendingCount == 0 }

  /// The next bits, at most 16, as a number.
  mutating func take(_ count: Int) throws(InflateError) -> Int {
    while pendingCount < count {
      guard position < bytes.count else { throw InflateError("the compressed bytes end too early") }
      pending |= Int(bytes[position]) << pendingCount
      pendingCount += 8
      position += 1
    }
    let value = pending & (1 << count - 1)
    pending >>= count
    pendingCount -= count
    return value
  }

  mutating func skipToByte() {
    pending >>= pendingCount % 8
    pendingCount -= pendingCount % 8
  }
}
