import FakeAPIServer
import KubernetesAPI
import KubernetesClient
import Logging
import Testing

@testable import ControllerRuntime

@Suite(.timeLimit(.minutes(1))) struct ReflectorTests {
  @Test func theMachineListsWatchesAndGoesOn() {
    var machine = ReflectorStateMachine()
    #expect(machine.waited() == .list)
    #expect(machine.failed(retryAfter: nil, random: 0) == .wait(.milliseconds(250)))
    #expect(machine.waited() == .list, "without a list there is nothing to watch from")
    #expect(machine.listed(resourceVersion: "5") == .watch(resourceVersion: "5"))
    machine.advanced(to: "6")
    #expect(machine.watchEnded(wasQuick: false, random: 0) == .watch(resourceVersion: "6"))
    #expect(machine.watchEnded(wasQuick: true, random: 0) == .wait(.milliseconds(250)))
    #expect(machine.failed(retryAfter: .seconds(7), random: 0) == .wait(.seconds(7)))
    #expect(machine.waited() == .watch(resourceVersion: "6"))
    machine.advanced(to: "7")
    #expect(machine.expired(random: 0) == .list)
    #expect(machine.expired(random: 0) == .wait(.milliseconds(250)))
    #expect(machine.waited() == .list)
  }

  @Test func followsTheServerThroughExpiry() async throws {
    @Sendable func pod(_ name: String, _ version: Int) -> String {
      "{\"metadata\":{\"name\":\"\(name)\",\"namespace\":\"n\",\"resourceVersion\":\"\(version)\"}}"
    }
    let lists = [[("a", 1), ("b", 2)], [("b", 2), ("d", 9)]]
    let counter = Counter()
    let store = ResourceStore()
    try await FakeAPIServer.run { request, responder in
      if request.parameter("watch") == nil {
        let number = await counter.next()
        let items = lists[min(number, 1)].map { pod($0.0, $0.1) }.joined(separator: ",")
        try await responder.answer("{\"metadata\":{\"resourceVersion\":\"\(10 + number)\"},\"items\":[\(items)]}")
      } else if request.parameter("resourceVersion") == "10" {
        try await responder.beginStream()
        try await responder.piece("{\"type\":\"ADDED\",\"object\":\(pod("c", 20))}\n")
        try await responder.endStream()
      } else if request.parameter("resourceVersion") == "20" {
        try await responder.answer(410, "{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\"}")
      } else {
        try await responder.beginStream()
        await responder.clientHungUp()
      }
    } body: { server in
      let client = KubernetesClient(
        ClientConfiguration(server: server.url), userAgent: "test", logger: Logger(label: "test"))
      let reflector = Reflector(client: client, type: .pod, store: store, logger: Logger(label: "test"))
      let running = Task { try await reflector.run() }
      for await change in store.changes() where change.key.name == "d" { break }
      #expect(store.list().map(\.name) == ["b", "d"])
      running.cancel()
      _ = await running.result
    }
  }

  private actor Counter {
    private var value = -1
    func next() -> Int {
      value += 1
      return value
    }
  }
}
