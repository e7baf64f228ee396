import PheromoneFunctions

/// How often each word was seen.
struct Tally {
  private var counts: [String: Int] = [:]

  /// Counts the words of a text, in place.
  mutating func countWords(of text: RawSpan) {
    var word: [UInt8] = []
    for index in 0..<text.byteCount {
      let byte = unsafe text.unsafeLoad(fromByteOffset: index, as: UInt8.self)
      switch byte {
      case 0x30...0x39, 0x61...0x7a: word.append(byte)
      case 0x41...0x5a: word.append(byte | 0x20)
      default: finish(&word)
      }
    }
    finish(&word)
  }

  /// Adds the lines `word count` of another tally.
  mutating func add(lines: String) throws {
    for line in lines.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count == 2, let count = Int(fields[1]) else {
        throw FunctionError("\"\(line)\" is no line of a count", isRetryable: false)
      }
      counts[String(fields[0]), default: 0] += count
    }
  }

  /// One line per word, the most frequent first, and words of one frequency in the order of the alphabet.
  func lines(_ format: (String, Int) -> String) -> String {
    let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    return sorted.map { format($0.key, $0.value) + "\n" }.joined()
  }

  private mutating func finish(_ word: inout [UInt8]) {
    guard !word.isEmpty else { return }
    counts[String(decoding: word, as: UTF8.self), default: 0] += 1
    word.removeAll(keepingCapacity: true)
  }
}
