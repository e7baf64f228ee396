import Dataflow
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

@testable import PheromoneFunctions
@testable import Sidecar

@Suite(.timeLimit(.minutes(1))) struct ProbeServerTests {
  private static func probes(_ test: LoopUnderTest) throws -> PodProbes {
    var environment = ["PHEROMONE_SOCKET": test.path, "PHEROMONE_COORDINATOR": "unix:/nowhere"]
    for name in ["NAMESPACE", "WORKFLOW", "REVISION", "POD_NAME", "POD_UID"] { environment["PHEROMONE_\(name)"] = "x" }
    environment["PHEROMONE_LISTEN"] = "127.0.0.1:1"
    environment["PHEROMONE_SHARED_MEMORY"] = "1000000"
    environment["PHEROMONE_DRAIN_TOKEN"] = "secret"
    return PodProbes(try SidecarConfiguration(environment: environment), loop: test.loop)
  }

  private static func request(
    _ path: String, _ method: HTTPMethod = .GET, token: String? = nil
  ) -> HTTPRequestHead {
    let headers = token.map { HTTPHeaders([("x-pheromone-drain-token", $0)]) } ?? [:]
    return HTTPRequestHead(version: .http1_1, method: method, uri: path, headers: headers)
  }

  @Test func `probes tell the pod's state`() async throws {
    try await LoopUnderTest.with { test in
      let probes = try Self.probes(test)
      #expect(await probes.answer(Self.request("/startupz")).status == .ok)
      #expect(await probes.answer(Self.request("/livez?verbose")).status == .ok)
      let unready = await probes.answer(Self.request("/readyz"))
      #expect(unready.status == .serviceUnavailable)
      #expect(unready.text.contains("again"))
      _ = try test.addWorker(LoopUnderTest.plan.functions.map { Function($0.name) { _ in } })
      while await probes.answer(Self.request("/readyz")).status != .ok { try Task.checkCancellation() }
      let metrics = await probes.answer(Self.request("/metrics")).text
      #expect(metrics.contains("pheromone_executors 1\n"))
      #expect(metrics.contains("# TYPE pheromone_object_memory_fragmented_bytes gauge\n"))
      #expect(metrics.contains("\npheromone_object_memory_fragmented_bytes 0\n"))
      #expect(metrics.contains("\npheromone_firings_total{primitive=\"dynamicGroup\"} 0\n"))
      #expect(metrics.contains("\npheromone_attempts_ended_total{outcome=\"committed\"} 0\n"))
      #expect(metrics.contains("\npheromone_invocation_queue_seconds_bucket{le=\"0.001\"} 0\n"))
      #expect(metrics.contains("\npheromone_hand_over_seconds_count 0\n"))
    }
  }

  @Test func `what is not served says what is`() async throws {
    try await LoopUnderTest.with { test in
      let probes = try Self.probes(test)
      let missing = await probes.answer(Self.request("/drained"))
      #expect(missing.status == .notFound && missing.text.contains("/readyz"))
      #expect(await probes.answer(Self.request("/livez", .POST)).status == .methodNotAllowed)
      #expect(await probes.answer(Self.request("/drain/app")).status == .forbidden)
      #expect(await probes.answer(Self.request("/drain", token: "wrong")).status == .forbidden)
      #expect(await probes.answer(Self.request("/drain/app", token: "secret")).text == "drained")
      #expect(await probes.answer(Self.request("/readyz")).status == .serviceUnavailable)
    }
  }

  @Test func `the server answers over HTTP, and ends`() async throws {
    try await LoopUnderTest.with { test in
      let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
      let listen = try #require(SidecarConfiguration.HostAndPort("127.0.0.1:1"))
      var server = ProbeServer(
        probes: try Self.probes(test), address: listen, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      server.address.port = 0
      server.whenListening = { continuation.yield($0) }
      let running = Task { [server] in try await server.run() }
      var iterator = ports.makeAsyncIterator()
      let port = try #require(await iterator.next())
      let good = try await Self.talk(to: port, "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(good.hasPrefix("HTTP/1.1 200 OK\r\n") && good.hasSuffix("\r\n\r\nalive\n"))
      #expect(try await Self.talk(to: port, "nonsense\r\n\r\n").hasPrefix("HTTP/1.1 400"))
      let head = try await Self.talk(to: port, "HEAD /livez HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(head.contains("Content-Length: 6\r\n") && head.hasSuffix("\r\n\r\n"))
      running.cancel()
      _ = await running.result
    }
  }

  /// All that comes back until the server closes.
  private static func talk(to port: Int, _ text: String) async throws -> String {
    let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    return try await channel.executeThenClose { inbound, outbound in
      try await outbound.write(ByteBuffer(string: text))
      var answer = ByteBuffer()
      for try await bytes in inbound { answer.writeImmutableBuffer(bytes) }
      return String(buffer: answer)
    }
  }
}
