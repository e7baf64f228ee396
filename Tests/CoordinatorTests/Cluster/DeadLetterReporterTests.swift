import ControllerRuntime
import FakeAPIServer
import KubernetesAPI
import KubernetesClient
import Logging
import Synchronization
import Testing
import Wire

@testable import Coordinator

@Suite(.timeLimit(.minutes(1))) struct DeadLetterReporterTests {
  final class SilentLink: PodLink {
    func send(_ frame: CoordinatorFrame) {}
    func close() {}
  }

  /// A broker to which a pod of the workflow has told a dead letter of a bucket.
  static func broker(bucket: String) throws -> SessionBroker {
    let broker = SessionBroker(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    broker.workflowChanged(
      Stage.key, entry: "f", plan: Stage.plan, findings: [], isSuspended: false, currentRevision: nil)
    broker.podObserved(ObservedPod(name: "a", uid: "u", isReady: true), of: Stage.key)
    let link = SilentLink()
    let registration = PodFrame.Registration(
      namespace: "ns", workflow: "wf", podName: "a", podUID: "u", revision: "r", epoch: 1)
    guard case .accepted(let identity) = broker.register(registration, over: link) else {
      throw PlacementFailure.workflowDeleted
    }
    broker.received(
      .deadLetter(.init(session: "d7", bucket: bucket, trigger: "hourly", objects: 2, message: "it broke")),
      from: identity, link: link)
    return broker
  }

  @Test func `a dead letter becomes a warning about its bucket`() async throws {
    let requests = Mutex<[FakeRequest]>([])
    try await FakeAPIServer.run { request, responder in
      requests.withLock { $0.append(request) }
      try await responder.answer("{}")
    } body: { server in
      let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      let client = KubernetesClient(ClientConfiguration(server: server.url), userAgent: "test", logger: logger)
      let events = EventRecorder(
        client: client, controller: "pheromone.dev/coordinator", instance: "c", logger: logger)
      for bucket in ["words", "deleted"] {
        await DeadLetterReporter(broker: try Self.broker(bucket: bucket), events: events) { key in
          guard key.name == "words" else { return nil }
          var object = KubernetesObject(.bucket, namespace: key.namespace, name: key.name)
          object["metadata", "uid"] = "uid-of-words"
          return object
        }.report()
      }
    }
    let seen = requests.withLock { $0 }
    #expect(seen.map(\.path) == ["/apis/events.k8s.io/v1/namespaces/ns/events"])
    let event = try JSONValue(parsing: seen.first?.body ?? "{}")
    #expect(event["type"] == "Warning" && event["reason"] == "DeadLetters")
    #expect(event["regarding"]?["kind"] == "Bucket" && event["regarding"]?["uid"] == "uid-of-words")
    let note = event["note"]?.stringValue ?? ""
    for word in ["hourly", "2 objects are dead letters", "pheromone explain wf d7 -n ns", "it broke"] {
      #expect(note.contains(word), "\(note)")
    }
  }
}
