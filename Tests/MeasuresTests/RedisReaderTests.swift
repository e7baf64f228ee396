import Testing

@testable import Measures

@Suite struct RedisReaderTests {
  /// Gives the reader what there is, at most so much at a time, and takes what answers it finds.
  private func replies(_ text: String, atATime limit: Int = .max) throws -> (RedisReader, [RedisReader.Reply]) {
    var reader = RedisReader()
    var rest = Array(text.utf8)[...]
    var replies: [RedisReader.Reply] = []
    while !rest.isEmpty {
      _ = unsafe reader.fill { buffer in
        let count = min(limit, buffer.count, rest.count)
        unsafe buffer.copyBytes(from: rest.prefix(count))
        rest = rest.dropFirst(count)
        return count
      }
      while let reply = try reader.next() { replies.append(reply) }
    }
    return (reader, replies)
  }

  @Test func everyKindOfAnswer() throws {
    let (reader, all) = try replies("+OK\r\n-ERR no\r\n:-12\r\n$5\r\nhello\r\n$-1\r\n*-1\r\n*2\r\n:1\r\n$0\r\n\r\n")
    #expect(all.count == 7)
    #expect(all.prefix(3) == [.status("OK"), .error("ERR no"), .integer(-12)])
    guard case .bulk(let range?) = all[3] else { throw RedisReader.Malformed(description: "no bulk") }
    #expect(reader.bytes(range) == Array("hello".utf8))
    #expect(reader.bytes(range, atMost: 2) == Array("he".utf8))
    #expect(all[4] == .bulk(nil))
    #expect(all[5] == .array(nil))
    guard case .array(let elements?) = all[6] else { throw RedisReader.Malformed(description: "no array") }
    #expect(elements.first == .integer(1))
  }

  @Test(arguments: [1, 2, 7]) func answersThatComeInPieces(limit: Int) throws {
    let (_, all) = try replies("*2\r\n$3\r\nq:a\r\n$2\r\n\r\n\r\n:7\r\n", atATime: limit)
    #expect(all.count == 2)
    #expect(all.last == .integer(7))
  }

  @Test func aLargeBulkBehindOthers() throws {
    let payload = String(repeating: "x", count: 300_000)
    let (reader, all) = try replies(":1\r\n:2\r\n$\(payload.utf8.count)\r\n\(payload)\r\n", atATime: 50_000)
    guard case .bulk(let range?)? = all.last else { throw RedisReader.Malformed(description: "no bulk") }
    #expect(reader.bytes(range) == Array(payload.utf8))
  }

  @Test(arguments: ["hello\r\n", "\r\n", "$x\r\n", ":1\rx", "$99999999999999999999\r\n"])
  func whatIsNoAnswer(text: String) {
    #expect(throws: RedisReader.Malformed.self) { _ = try replies(text) }
  }

  @Test func commands() {
    var bytes: [UInt8] = []
    RedisCommand.append("LPUSH", "q", to: &bytes)
    #expect(bytes == Array("*2\r\n$5\r\nLPUSH\r\n$1\r\nq\r\n".utf8))
    var parts: [UInt8] = []
    RedisCommand.append([Array("LPUSH".utf8)], beforeWordOf: 1, to: &parts)
    #expect(parts + Array("q".utf8) + RedisCommand.end == bytes)
  }
}
