import FakeAPIServer
import KubernetesAPI
import KubernetesClient
import Logging
import Telemetry
import Testing

@Suite(.timeLimit(.minutes(1))) struct RequestPaceTests {
  private func client(_ server: FakeAPIServer, rate: TokenBucket?, traffic: Traffic = Traffic()) -> KubernetesClient {
    KubernetesClient(
      ClientConfiguration(server: server.url), userAgent: "test", logger: Logger(label: "test"), rate: rate,
      traffic: traffic)
  }

  @Test func requestsAreHeldBackAndThatIsCounted() async throws {
    try await FakeAPIServer.run { _, responder in
      try await responder.answer("{}")
    } body: { server in
      let client = client(server, rate: TokenBucket(rate: 500, burst: 1))
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<6 { group.addTask { _ = try await client.send(.init(path: "/")) } }
        try await group.waitForAll()
      }
      #expect(client.traffic.waits.count == 6)
      #expect(client.traffic.waits.sum > 0)
    }
  }

  @Test func whatCouldNotBeSentInTimeFailsAtOnceAndDoesNotReachTheServer() async throws {
    try await FakeAPIServer.run { request, responder in
      #expect(request.path == "/first")
      try await responder.answer("{}")
    } body: { server in
      let client = client(server, rate: TokenBucket(rate: 0.001, burst: 1))
      _ = try await client.send(.init(path: "/first"))
      let error = try await #require(throws: KubernetesError.self) { try await client.send(.init(path: "/second")) }
      #expect(error.description.contains("allow a higher rate"))
      await #expect(throws: KubernetesError.self) {
        for try await _ in client.watch(.pod, resourceVersion: "1") {}
      }
    }
  }

  @Test func whoGivesUpWaitingGivesTheTokenBack() async throws {
    try await FakeAPIServer.run { _, responder in
      try await responder.answer("{}")
    } body: { server in
      // A second token comes after 50 s: who waits for it is within the limit, and does not get it in this test.
      let client = client(server, rate: TokenBucket(rate: 0.02, burst: 1))
      _ = try await client.send(.init(path: "/"))
      for _ in 0..<3 {
        let waiting = Task { try await client.send(.init(path: "/")) }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
      }
      #expect(client.traffic.waits.count == 1)
    }
  }

  @Test func clientsThatAreCountedTogetherArePacedApart() async throws {
    try await FakeAPIServer.run { _, responder in
      try await responder.answer("{}")
    } body: { server in
      let busy = client(server, rate: TokenBucket(rate: 0.001, burst: 1))
      _ = try await busy.send(.init(path: "/"))
      let other = client(server, rate: nil, traffic: busy.traffic)
      _ = try await other.send(.init(path: "/"))
      #expect(busy.traffic.samples.map(\.value) == [2])
    }
  }
}
