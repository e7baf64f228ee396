import Testing

@testable import Coordinator

@Suite(.timeLimit(.minutes(1))) struct BodyPaceTests {
  @Test func `a body may take a minute, and a second more for every 16 KiB`() {
    for (count, seconds, isTooSlow) in [
      (1, 60.0, false), (75, 75, true), (16 << 10, 61, false), (16 << 10, 61.1, true), (1 << 20, 124, false),
      (1 << 20, 125, true), (64 << 20, 4156, false),
    ] {
      #expect(BodyPace().isTooSlow(count, after: .seconds(seconds)) == isTooSlow, "\(count) bytes in \(seconds) s")
    }
  }

  @Test func `a body that drips is answered with 408, and its connection is closed without the rest`() async throws {
    // No time at all: any byte comes too late.
    try await Stage.with(bodyPace: BodyPace(grace: .zero, bytesPerSecond: .max)) { stage in
      let answer = try await RawConnection(port: stage.httpPort).exchange(
        "POST /v1/ns/wf HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nx")
      #expect(answer.hasPrefix("HTTP/1.1 408"), "\(answer)")
      #expect(answer.lowercased().contains("connection: close"), "\(answer)")
      #expect(answer.hasSuffix("}") && answer.contains("slow-body"), "\(answer)")
    }
  }
}
