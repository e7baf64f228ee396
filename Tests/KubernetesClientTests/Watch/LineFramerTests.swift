import Testing

@testable import KubernetesClient

@Suite struct LineFramerTests {
  private func text(_ lines: [[UInt8]]) -> [String] { lines.map { String(decoding: $0, as: UTF8.self) } }

  @Test func everyWayOfCuttingGivesTheSameLines() throws {
    let input = Array("{\"a\":\"}\\\"{\"}\n\n{\"b\":\n2}\r\n[1]".utf8)
    let expected = ["{\"a\":\"}\\\"{\"}", "{\"b\":\n2}", "[1]"]
    for size in 1...input.count {
      var framer = LineFramer()
      var lines: [[UInt8]] = []
      for start in stride(from: 0, to: input.count, by: size) {
        lines += try framer.chunkArrived(Array(input[start..<min(start + size, input.count)]))
      }
      if let last = framer.streamEnded() { lines.append(last) }
      #expect(text(lines) == expected)
    }
  }

  @Test func boundsALine() throws {
    var framer = LineFramer(maximumLineBytes: 4)
    #expect(text(try framer.chunkArrived(Array("1234\n".utf8))) == ["1234"])
    #expect(throws: LineFramer.LineTooLong(limit: 4)) { try framer.chunkArrived(Array("12345".utf8)) }
  }
}
