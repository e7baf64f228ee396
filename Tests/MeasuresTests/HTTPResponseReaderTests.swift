import Testing

@testable import Measures

@Suite struct HTTPResponseReaderTests {
  @Test func answersThatComeInPieces() throws {
    var reader = HTTPResponseReader()
    var found: [HTTPResponseReader.Response] = []
    let text = "HTTP/1.1 200 OK\r\ncontent-length: 3\r\nServer: x\r\n\r\nabcHTTP/1.1 204 No Content\r\n\r\n"
    for byte in text.utf8 {
      reader.append([byte])
      while let response = try reader.next() { found.append(response) }
    }
    #expect(found == [.init(status: 200, body: Array("abc".utf8)), .init(status: 204, body: [])])
  }

  @Test(arguments: [
    "FTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
  ])
  func whatIsNotUnderstood(text: String) {
    var reader = HTTPResponseReader()
    reader.append(text.utf8)
    #expect(throws: HTTPResponseReader.Malformed.self) { _ = try reader.next() }
  }
}
