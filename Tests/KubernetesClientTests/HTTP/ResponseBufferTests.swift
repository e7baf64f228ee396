import Testing

@testable import KubernetesClient

@Suite struct ResponseBufferTests {
  @Test func refusesBytesBeyondItsCapacityAndResumesWhenRead() {
    var buffer = ResponseBuffer(capacity: 4)
    #expect(buffer.take() == .wait)
    #expect(buffer.bytesArrived([1, 2, 3]) == true)
    #expect(buffer.bytesArrived([4, 5]) == false)
    #expect(buffer.take() == .bytes([1, 2, 3], resume: true))
    #expect(buffer.bytesArrived([4, 5]) == true)
    #expect(buffer.take() == .bytes([4, 5], resume: false))
    #expect(buffer.bytesArrived([1, 2, 3, 4, 5, 6]) == true, "a chunk larger than the buffer must not be stuck")
  }

  @Test func bytesComeBeforeTheEndAndBeforeAFailure() {
    var buffer = ResponseBuffer(capacity: 4)
    _ = buffer.bytesArrived([1])
    #expect(buffer.finished(.failure(.connectionLost("x"))) == true)
    #expect(buffer.finished(.success(())) == false)
    #expect(buffer.take() == .bytes([1], resume: false))
    #expect(buffer.take() == .failed(.connectionLost("x")))
  }

  @Test func headersOfTheLastAnswerCount() {
    var headers = HeaderAccumulator()
    for line in ["HTTP/1.1 100 Continue\r\n", "\r\n", "HTTP/2 410 \r\n", "Retry-After: 3\r\n", "X: a\r\n", "x: b\r\n"] {
      #expect(headers.lineArrived(line) == .more)
    }
    #expect(
      headers.lineArrived("\r\n") == .complete(.init(status: 410, headers: ["retry-after": "3", "x": "a, b"])))
    #expect(headers.lineArrived(String(repeating: "x", count: 300_000)) == .refused)
  }
}
