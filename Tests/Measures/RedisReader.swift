/// Takes apart what a Redis server answers (RESP2), in the buffer that it was read into: a large answer is never copied.
package struct RedisReader {
  package enum Reply: Equatable {
    case status(String)
    case error(String)
    case integer(Int)
    /// Where the bytes are, until the next `fill`; nil for what does not exist.
    case bulk(Range<Int>?)
    case array([Reply]?)
  }

  package struct Malformed: Error, CustomStringConvertible {
    package var description: String
  }

  /// The least that a read is offered room for.
  private static let room = 64 << 10

  private var buffer = [UInt8](repeating: 0, count: room)
  /// What has been read and not taken apart yet.
  private var unread = 0..<0
  /// How many bytes the answer has that is on its way, as far as it says so.
  private var expected = 0

  package init() {}

  /// Lets `read` write behind what is there already, and answers what `read` does: how many bytes it wrote.
  @unsafe
  package mutating func fill(_ read: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
    makeRoom()
    let end = unread.upperBound
    // The closure gets the rest of an array of this type, for the time of the call.
    let count = unsafe buffer.withUnsafeMutableBytes {
      unsafe read(UnsafeMutableRawBufferPointer(rebasing: $0[end...]))
    }
    unread = unread.lowerBound..<end + max(0, count)
    return count
  }

  /// The next answer that is there as a whole. The ranges of earlier ones stay as they are.
  package mutating func next() throws(Malformed) -> Reply? {
    var position = unread.lowerBound
    expected = 0
    guard let reply = try reply(at: &position) else { return nil }
    unread = position..<unread.upperBound
    return reply
  }

  /// A copy of the first bytes of a bulk.
  package func bytes(_ range: Range<Int>, atMost limit: Int = .max) -> [UInt8] { Array(buffer[range].prefix(limit)) }

  private mutating func makeRoom() {
    if unread.isEmpty { unread = 0..<0 }
    let needed = max(unread.count + Self.room, expected)
    guard buffer.count - unread.lowerBound < needed else { return }
    if unread.lowerBound > 0 {
      // A loop, because a range of the array would be a copy of it.
      for index in 0..<unread.count { buffer[index] = buffer[unread.lowerBound + index] }
      unread = 0..<unread.count
    }
    if buffer.count < needed { buffer += [UInt8](repeating: 0, count: max(needed, 2 * buffer.count) - buffer.count) }
  }

  private mutating func reply(at position: inout Int) throws(Malformed) -> Reply? {
    guard let line = try line(at: &position) else { return nil }
    let kind = buffer[line.lowerBound]
    let rest = line.lowerBound + 1..<line.upperBound
    switch kind {
    case UInt8(ascii: "+"): return .status(String(decoding: buffer[rest], as: UTF8.self))
    case UInt8(ascii: "-"): return .error(String(decoding: buffer[rest], as: UTF8.self))
    case UInt8(ascii: ":"): return .integer(try number(rest))
    case UInt8(ascii: "$"):
      let length = try number(rest)
      guard length >= 0 else { return .bulk(nil) }
      let bytes = position..<position + length
      guard unread.upperBound >= bytes.upperBound + 2 else {
        expected = bytes.upperBound + 2 - unread.lowerBound
        return nil
      }
      position = bytes.upperBound + 2
      return .bulk(bytes)
    case UInt8(ascii: "*"):
      let count = try number(rest)
      guard count >= 0 else { return .array(nil) }
      var elements: [Reply] = []
      elements.reserveCapacity(min(count, 4096))
      for _ in 0..<count {
        guard let element = try reply(at: &position) else { return nil }
        elements.append(element)
      }
      return .array(elements)
    default: throw Malformed(description: "a Redis server does not begin an answer with byte \(kind)")
    }
  }

  /// A line without its end, which begins with at least one byte.
  private func line(at position: inout Int) throws(Malformed) -> Range<Int>? {
    var index = position
    while index < unread.upperBound, buffer[index] != UInt8(ascii: "\r") { index += 1 }
    guard index + 1 < unread.upperBound else { return nil }
    guard index > position, buffer[index + 1] == UInt8(ascii: "\n") else {
      throw Malformed(description: "a Redis server's line does not end as it should")
    }
    defer { position = index + 2 }
    return position..<index
  }

  private func number(_ range: Range<Int>) throws(Malformed) -> Int {
    var value = 0
    var isNegative = false
    for index in range {
      let byte = buffer[index]
      if index == range.lowerBound, byte == UInt8(ascii: "-") {
        isNegative = true
        continue
      }
      // No answer is longer than a server's largest string, which is far below this.
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte), value < 1 << 50 else {
        throw Malformed(description: "a Redis server's number is none")
      }
      value = value * 10 + Int(byte - UInt8(ascii: "0"))
    }
    return isNegative ? -value : value
  }
}
