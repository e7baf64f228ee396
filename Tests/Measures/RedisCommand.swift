/// How a command travels to a Redis server.
package enum RedisCommand {
  /// What ends each word.
  package static let end: [UInt8] = [13, 10]

  package static func append(_ words: [[UInt8]], to bytes: inout [UInt8]) {
    appendNumber(UInt8(ascii: "*"), words.count, to: &bytes)
    for word in words { appendWord(word, to: &bytes) }
  }

  package static func append(_ words: String..., to bytes: inout [UInt8]) {
    append(words.map { Array($0.utf8) }, to: &bytes)
  }

  /// All of a command before the bytes of its last word, of which there will be so many. They follow, and `end`.
  package static func append(_ words: [[UInt8]], beforeWordOf count: Int, to bytes: inout [UInt8]) {
    appendNumber(UInt8(ascii: "*"), words.count + 1, to: &bytes)
    for word in words { appendWord(word, to: &bytes) }
    appendNumber(UInt8(ascii: "$"), count, to: &bytes)
  }

  private static func appendWord(_ word: [UInt8], to bytes: inout [UInt8]) {
    appendNumber(UInt8(ascii: "$"), word.count, to: &bytes)
    bytes += word
    bytes += end
  }

  private static func appendNumber(_ mark: UInt8, _ number: Int, to bytes: inout [UInt8]) {
    bytes.append(mark)
    bytes += String(number).utf8
    bytes += end
  }
}
