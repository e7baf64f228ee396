import KubernetesAPI
import KubernetesClient
import Testing
import Wire

@testable import Coordinator

/// Idempotency keys: each names one request, and what could be mistaken for another is refused.
@Suite(.timeLimit(.minutes(1))) struct KeyTests {
  typealias Headers = [(name: String, value: String)]

  static func event(_ source: String, _ id: String) -> Headers {
    [("ce-specversion", "1.0"), ("ce-type", "t"), ("ce-source", source), ("ce-id", id)]
  }

  /// What the door answers to a request with the key.
  static func answer(_ stage: Stage, key: [UInt8]) async throws -> String {
    let head = "POST /v1/ns/wf HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 0\r\nIdempotency-Key: "
    return try await RawConnection(port: stage.httpPort).exchange(Array(head.utf8) + key + Array("\r\n\r\n".utf8))
  }

  @Test func `a key of other bytes than printable ASCII is refused`() async throws {
    try await Stage.with { stage in
      try await RequestTests.with(stage, FakeSidecar.echo) {
        // The first two are not even UTF-8, the others are the same letter, composed and decomposed.
        for key: [UInt8] in [[0x62, 0xC4], [0x62, 0xD6], [0x78, 0xC3, 0xA9], [0x78, 0x65, 0xCC, 0x81]] {
          let answer = try await Self.answer(stage, key: key)
          #expect(answer.hasPrefix("HTTP/1.1 400") && answer.contains("printable ASCII"), "\(key): \(answer)")
        }
      }
    }
  }

  @Test func `a key has 1 to 512 bytes`() async throws {
    try await Stage.with { stage in
      try await RequestTests.with(stage, FakeSidecar.echo) {
        for (length, status) in [(0, "400"), (1, "200"), (512, "200"), (513, "400")] {
          let answer = try await Self.answer(stage, key: Array(repeating: 0x6B, count: length))
          #expect(answer.hasPrefix("HTTP/1.1 \(status)"), "\(length): \(answer)")
        }
      }
    }
  }

  @Test func `events are told apart by source and id`() async throws {
    try await Stage.with { stage in
      try await RequestTests.with(stage, FakeSidecar.echo) {
        func session(_ source: String, _ id: String) async throws -> String? {
          try await stage.send("POST", "/v1/ns/wf", [], Self.event(source, id), body: "x").headers["pheromone-session"]
        }
        let first = try #require(try await session("urn:a", "b:1"))
        #expect(try await session("urn:a", "b:1") == first, "a retry of the event")
        #expect(try await session("urn:a:b", "1") != first)
        #expect(try await session("urn:a", "b:2") != first)
      }
    }
  }

  @Test func `an event whose source or id are no printable ASCII is refused`() async throws {
    try await Stage.with { stage in
      for (source, id, word) in [("urn:\u{e9}", "1", "ce-source"), ("urn:a", "\u{e9}", "ce-id")] {
        let answer = try await stage.send("POST", "/v1/ns/wf", [], Self.event(source, id), body: "x")
        let detail = try JSONValue(parsing: answer.body)["detail"]?.stringValue ?? ""
        #expect(answer.status == 400 && detail.contains(word), "\(answer.status) \(detail)")
      }
    }
  }

  @Test func `the key of an event is short, however long its id`() async throws {
    try await Stage.with { stage in
      let held = OneShot<String?>()
      try await RequestTests.with(
        stage,
        { frame in
          guard case .start(let request) = frame else { return [] }
          held.fulfil(.success(request.idempotencyKey))
          return try await FakeSidecar.echo(frame)
        }
      ) {
        let id = String(repeating: "i", count: 15_000)
        #expect(try await stage.send("POST", "/v1/ns/wf", [], Self.event("urn:a", id), body: "x").status == 200)
        let key = try #require(try await held.value(within: .seconds(10)) ?? nil)
        #expect(key.utf8.count <= 512)
      }
    }
  }
}
