import FakeAPIServer
import Foundation
import KubernetesAPI
import KubernetesClient
import Logging
import Testing

@testable import ControllerRuntime

@Suite(.timeLimit(.minutes(1))) struct LeaderElectorTests {
  /// Keeps one lease as an API server would, versions and conflicts included.
  private actor LeaseServer {
    private var lease: KubernetesObject?
    private var version = 0
    private var isDown = false

    func goDown() { isDown = true }
    var holder: String? { lease?["spec", "holderIdentity"]?.stringValue }

    func answer(_ request: FakeRequest) throws -> (Int, String) {
      if isDown { return (500, #"{"kind":"Status","message":"down","code":500}"#) }
      if request.method == "GET" {
        return lease.map { (200, $0.document.canonicalText) } ?? (404, #"{"kind":"Status","code":404}"#)
      }
      var new = KubernetesObject(try JSONValue(parsing: request.body))
      if request.method == "PUT", new.resourceVersion != lease?.resourceVersion {
        return (409, #"{"kind":"Status","reason":"Conflict","code":409}"#)
      }
      version += 1
      new["metadata", "resourceVersion"] = .string("\(version)")
      lease = new
      return (200, new.document.canonicalText)
    }
  }

  private func withLeases(_ body: @escaping @Sendable (LeaseServer, KubernetesClient) async throws -> Void) async throws
  {
    let leases = LeaseServer()
    try await FakeAPIServer.run { request, responder in
      let (status, text) = try await leases.answer(request)
      try await responder.answer(status, text)
    } body: { server in
      try await body(
        leases,
        KubernetesClient(ClientConfiguration(server: server.url), userAgent: "test", logger: Logger(label: "test")))
    }
  }

  private func elector(
    _ client: KubernetesClient, _ identity: String, body: @escaping @Sendable () async throws -> Void
  ) -> LeaderElector {
    LeaderElector(
      client: client, namespace: "n", name: "lease", identity: identity, leaseDuration: .seconds(2),
      renewDeadline: .milliseconds(500), retryPeriod: .milliseconds(50), logger: Logger(label: "test"),
      whileLeading: body)
  }

  /// Iterating a stream that yields nothing ends only with the task.
  private func untilCancelled() async {
    let nothing = AsyncStream<Void> { _ in }
    for await _ in nothing {}
  }

  @Test func theNextOneLeadsAsSoonAsTheFirstIsDone() async throws {
    try await withLeases { leases, client in
      let (terms, begin) = AsyncStream.makeStream(of: String.self)
      let first = Task {
        try await elector(client, "first") {
          begin.yield("first")
          await untilCancelled()
          try Task.checkCancellation()
        }.run()
      }
      var order = terms.makeAsyncIterator()
      #expect(await order.next() == "first")
      let second = Task { try await elector(client, "second") { begin.yield("second") }.run() }
      first.cancel()
      _ = await first.result
      #expect(await order.next() == "second")
      try await second.value
      #expect(await leases.holder == "", "the lease is released at the end")
    }
  }

  @Test func theBodyIsCancelledWhenTheLeaseCannotBeRenewed() async throws {
    try await withLeases { leases, client in
      let (events, signal) = AsyncStream.makeStream(of: String.self)
      let running = Task {
        try await elector(client, "me") {
          signal.yield("begun")
          await untilCancelled()
          signal.yield("cancelled")
        }.run()
      }
      var seen = events.makeAsyncIterator()
      #expect(await seen.next() == "begun")
      await leases.goDown()
      #expect(await seen.next() == "cancelled")
      running.cancel()
      _ = await running.result
    }
  }
}
