/// A prefix code of DEFLATE. It is known by the lengths of its words alone: words of one length follow each other in
/// the order of their symbols, and come before all longer ones.
struct HuffmanCode: Sendable {
  private static let longest = 15

  /// How many words there are of each length.
  private var counts: [Int]
  /// By length, then by value.
  private var symbols: [Int]

  /// `lengths` has the length of each symbol's word, 0 for a symbol without one.
  init(lengths: some Collection<Int>) throws(InflateError) {
    counts = [Int](repeating: 0, count: Self.longest + 1)
    for length in lengths { counts[length] += 1 }
    counts[0] = 0
    var room = 1
    for length in 1...Self.longest {
      room = room * 2 - counts[length]
      guard room >= 0 else { throw InflateError("a code has more words than it has room for") }
    }
    // A code of a single word, or of none, is the only one that may leave room.
    guard room == 0 || counts.reduce(0, +) <= 1 else { throw InflateError("a code lacks words") }
    symbols = lengths.enumerated().filter { $0.element > 0 }
      .sorted { ($0.element, $0.offset) < ($1.element, $1.offset) }.map(\.offset)
  }

  private init(counts: [Int: Int], symbols: [Int]) {
    self.counts = (0...Self.longest).map { counts[$0] ?? 0 }
    self.symbols = symbols
  }

  func symbol(_ bits: inout BitReader) throws(InflateError) -> Int {
    var word = 0
    var first = 0
    var index = 0
    for length in 1...Self.longest {
      word = word << 1 | (try bits.take(1))
      let count = counts[length]
      if word - first < count { return symbols[index + word - first] }
      index += count
      first = (first + count) << 1
    }
    throw InflateError("these bits are no word of the code")
  }

  static let fixedLiterals = HuffmanCode(
    counts: [7: 24, 8: 152, 9: 112],
    symbols: Array(256...279) + Array(0...143) + Array(280...287) + Array(144...255))
  static let fixedDistances = HuffmanCode(counts: [5: 32], symbols: Array(0..<32))

  /// The order in which a block gives the code of its codes.
  private static let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

  /// The codes that a block brings along: of literals and lengths, and of distances.
  static func pair(_ bits: inout BitReader) throws(InflateError) -> (literals: HuffmanCode, distances: HuffmanCode) {
    let literalCount = try bits.take(5) + 257
    let distanceCount = try bits.take(5) + 1
    let orderCount = try bits.take(4) + 4
    guard literalCount <= 286, distanceCount <= 30 else { throw InflateError("a block has too many symbols") }
    var orderLengths = [Int](repeating: 0, count: 19)
    for symbol in order.prefix(orderCount) { orderLengths[symbol] = try bits.take(3) }
    let code = try HuffmanCode(lengths: orderLengths)
    let total = literalCount + distanceCount
    var lengths: [Int] = []
    while lengths.count < total {
      let symbol = try code.symbol(&bits)
      var (length, repeats) = (0, 1)
      switch symbol {
      case 16:
        guard let last = lengths.last else { throw InflateError("the first length of a code repeats none") }
        (length, repeats) = (last, 3 + (try bits.take(2)))
      case 17: repeats = 3 + (try bits.take(3))
      case 18: repeats = 11 + (try bits.take(7))
      default: length = symbol
      }
      guard repeats <= total - lengths.count else { throw InflateError("a code has more lengths than symbols") }
      lengths += repeatElement(length, count: repeats)
    }
    guard lengths[256] > 0 else { throw InflateError("a block has no end") }
    return (
      try HuffmanCode(lengths: lengths[..<literalCount]), try HuffmanCode(lengths: lengths[literalCount...])
    )
  }
}
