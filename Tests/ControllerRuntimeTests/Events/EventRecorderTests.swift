import FakeAPIServer
import KubernetesAPI
import KubernetesClient
import Logging
import Testing

@testable import ControllerRuntime

@Suite(.timeLimit(.minutes(1))) struct EventRecorderTests {
  @Test func writesAnEventAndThenItsSeries() async throws {
    let (requests, seen) = AsyncStream.makeStream(of: FakeRequest.self)
    try await FakeAPIServer.run { request, responder in
      seen.yield(request)
      try await responder.answer("{}")
    } body: { server in
      let client = KubernetesClient(
        ClientConfiguration(server: server.url), userAgent: "test", logger: Logger(label: "test"))
      let recorder = EventRecorder(
        client: client, controller: "pheromone.dev/controller", instance: "pod-1", logger: Logger(label: "test"))
      let workflow = KubernetesObject(.workflow, namespace: "n", name: "w")
      for _ in 0..<2 {
        await recorder.record(
          .warning, reason: "Broken", message: String(repeating: "é", count: 2000), regarding: workflow, action: "Check"
        )
      }
    }
    var all = requests.makeAsyncIterator()
    let created = try #require(await all.next())
    let event = KubernetesObject(try JSONValue(parsing: created.body))
    #expect(created.path == "/apis/events.k8s.io/v1/namespaces/n/events")
    #expect(event["type"] == "Warning")
    #expect(event["regarding", "name"] == "w")
    #expect((event["note"]?.stringValue?.utf8.count ?? 0) <= 1024)
    let patched = try #require(await all.next())
    #expect(patched.path == created.path + "/" + event.name)
    #expect(try JSONValue(parsing: patched.body)[path: "series", "count"] == 2)
  }
}
