import Testing

@testable import LocalAPIServer

@Suite struct SPDYParserTests {
  private static func events(_ pieces: [[UInt8]]) throws -> [SPDYEvent] {
    var parser = SPDYParser()
    var events: [SPDYEvent] = []
    for piece in pieces {
      parser.append(piece)
      while let event = try parser.next() { events.append(event) }
    }
    return events
  }

  @Test func `frames are the same however they are cut`() throws {
    var client = SPDYClient()
    let bytes =
      client.open(1, "error") + SPDYFrame.data(1, [], isLast: true) + client.open(3, "data")
      + SPDYClient.control(4, [0, 0, 0, 0]) + SPDYFrame.data(3, [1, 2, 3], isLast: true) + SPDYFrame.ping(1)
      + SPDYClient.control(9, [0, 0, 0, 1, 0, 0, 0, 1]) + SPDYClient.reset(3) + SPDYClient.goAway
    let headers = ["port": "8080", "requestid": "0"]
    let whole: [SPDYEvent] = [
      .opened(1, headers: headers.merging(["streamtype": "error"]) { $1 }), .data(1, [], isLast: true),
      .opened(3, headers: headers.merging(["streamtype": "data"]) { $1 }), .data(3, [1, 2, 3], isLast: true),
      .ping(1), .reset(3), .goAway,
    ]
    #expect(try Self.events([bytes]) == whole)
    let single = try Self.events(bytes.map { [$0] })
    #expect(single.count == whole.count + 2)
    #expect(single.filter { if case .data(3, _, _) = $0 { false } else { true } } == whole.filter { $0 != whole[3] })
    #expect(single.contains(.data(3, [1], isLast: false)) && single.contains(.data(3, [3], isLast: true)))
  }

  @Test func `a data frame is handed on before it is whole`() throws {
    let head: [UInt8] = SPDYClient.number(3) + SPDYClient.number(0xff_ffff)
    #expect(try Self.events([head + [7, 8]]) == [.data(3, [7, 8], isLast: false)])
  }

  @Test func `headers with a change of what was compressed before them`() throws {
    var client = SPDYClient()
    let later = SPDYClient.control(8, flags: 1, SPDYClient.number(1) + client.compressed([0, 0, 0, 0]))
    #expect(try Self.events([later]) == [.data(1, [], isLast: true)])
  }

  @Test func `what is no SPDY is an error`() {
    func refused(_ bytes: [UInt8], _ comment: Comment) {
      #expect(throws: SPDYError.self, comment) { try Self.events([bytes]) }
    }
    func opening(_ block: [UInt8], flags: UInt8 = 0, stream: UInt32 = 1) -> [UInt8] {
      var client = SPDYClient()
      return SPDYClient.control(
        1, flags: flags, SPDYClient.number(stream) + SPDYClient.number(0) + [0, 0] + client.compressed(block))
    }
    refused([0x80, 2, 0, 6, 0, 0, 0, 4, 0, 0, 0, 1], "another version")
    refused(Array("GET / HTTP/1.1\r\n".utf8.map { $0 | 0x80 }), "another protocol")
    refused(SPDYClient.number(0) + SPDYClient.number(1) + [1], "data of no stream")
    refused([0x80, 3, 0, 1, 0, 0, 0x40, 1], "a control frame that is too long, before it is here")
    refused(SPDYClient.control(6, [0, 0, 0]), "a ping without a number")
    refused(SPDYClient.control(3, [0, 0, 0, 1]), "a reset without a reason")
    refused(SPDYClient.control(3, [0, 0, 0, 0, 0, 0, 0, 1]), "a reset of no stream")
    refused(SPDYClient.control(1, [0, 0, 0, 1]), "a stream without headers")
    refused(SPDYClient.control(2, [0, 0, 0, 1]), "an answer to what was not asked")
    refused(opening([0, 0, 0, 0], flags: 1), "a stream that is closed at once")
    refused(opening([0, 0, 0, 0], stream: 0), "a stream without a number")
    refused(opening([0, 0, 0, 1, 0, 0, 0, 9, 65]), "headers that end in the middle")
    refused(opening([0xff, 0xff, 0xff, 0xff]), "four billion headers")
    refused(opening(SPDYClient.headerBlock([("a", "1"), ("a", "2")])), "one header twice")
    refused(opening([0, 0]), "half a number")
  }
}
