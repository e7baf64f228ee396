import FakeAPIServer
import Foundation
import KubernetesAPI
import KubernetesClient
import Logging
import Testing

@Suite(.timeLimit(.minutes(1))) struct KubernetesClientTests {
  private func withServer<Value: Sendable>(
    _ answer: @escaping FakeAPIServer.Answer,
    _ body: @escaping @Sendable (KubernetesClient) async throws -> Value
  ) async throws -> Value {
    try await FakeAPIServer.run(answer: answer) { server in
      var configuration = ClientConfiguration(server: server.url)
      configuration.token = "tok"
      return try await body(KubernetesClient(configuration, userAgent: "test", logger: Logger(label: "test")))
    }
  }

  private static let pod =
    #"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":"n","resourceVersion":"7"}}"#

  @Test func sendsWhatEachRequestNeeds() async throws {
    try await withServer { request, responder in
      #expect(request.headers["authorization"] == "Bearer tok")
      let seen = "\(request.method) \(request.path)?\(request.query) \(request.headers["content-type"] ?? "-")"
      let document: JSONValue = ["kind": "Echo", "metadata": ["name": .string(seen)]]
      try await responder.answer(document.canonicalText)
    } _: { client in
      let object = KubernetesObject(.pod, namespace: "n", name: "p")
      #expect(try await client.get(.pod, namespace: "n", name: "p").name == "GET /api/v1/namespaces/n/pods/p? -")
      #expect(
        try await client.create(object, .pod, dryRun: true, fieldManager: "m").name
          == "POST /api/v1/namespaces/n/pods?dryRun=All&fieldManager=m application/json")
      #expect(
        try await client.replace(object, .pod, subresource: "status").name
          == "PUT /api/v1/namespaces/n/pods/p/status? application/json")
      #expect(
        try await client.patch(.pod, namespace: "n", name: "p", merge: ["a": 1]).name
          == "PATCH /api/v1/namespaces/n/pods/p? application/merge-patch+json")
      #expect(
        try await client.apply(object, .pod, fieldManager: "m").name
          == "PATCH /api/v1/namespaces/n/pods/p?fieldManager=m&force=true application/apply-patch+yaml")
      try await client.delete(.pod, namespace: "n", name: "p", options: DeleteOptions(gracePeriodSeconds: 0))
    }
  }

  @Test func pathsAreSentAsTheyAre() async throws {
    try await withServer { request, responder in
      try await responder.answer(request.path)
    } _: { client in
      let response = try await client.send(KubernetesClient.Request(method: "DELETE", path: "/v1/n/w/sessions/.."))
      #expect(String(decoding: response.body, as: UTF8.self) == "/v1/n/w/sessions/..")
    }
  }

  @Test func errorsCarryTheStatus() async throws {
    try await withServer { _, responder in
      try await responder.answer(
        409, #"{"kind":"Status","status":"Failure","message":"exists","reason":"AlreadyExists","code":409}"#)
    } _: { client in
      let error = try await #require(throws: KubernetesError.self) {
        try await client.get(.pod, namespace: "n", name: "p")
      }
      #expect(error.isAlreadyExists)
      #expect(!error.isConflict)
      #expect(error.description.contains("exists"))
    }
  }

  @Test func unauthorizedAndUnreachableSayWhatToDo() async throws {
    try await withServer { _, responder in
      try await responder.answer(401, "Unauthorized", headers: [:])
    } _: { client in
      let error = try await #require(throws: KubernetesError.self) { try await client.list(.pod) }
      #expect(error.isUnauthorized)
      #expect(error.description.contains("kubeconfig"))
    }
    let nobody = KubernetesClient(
      ClientConfiguration(server: "http://127.0.0.1:1"), userAgent: "test", logger: Logger(label: "test"))
    let error = try await #require(throws: KubernetesError.self) { try await nobody.list(.pod) }
    #expect(error.isUnreachable)
    #expect(error.description.contains("127.0.0.1:1"))
  }

  @Test func listsAllPagesAndCompletesItems() async throws {
    let list = try await withServer { request, responder in
      if request.parameter("continue") == "more&" {
        try await responder.answer(#"{"metadata":{"resourceVersion":"9"},"items":[{"metadata":{"name":"b"}}]}"#)
      } else {
        #expect(request.parameter("labelSelector") == "a in (b,c)")
        try await responder.answer(
          #"{"metadata":{"resourceVersion":"9","continue":"more&"},"items":[{"metadata":{"name":"a"}}]}"#)
      }
    } _: {
      try await $0.list(.pod, labelSelector: "a in (b,c)")
    }
    #expect(list.items.map(\.name) == ["a", "b"])
    #expect(list.items.allSatisfy { $0.kind == "Pod" && $0.apiVersion == "v1" })
    #expect(list.resourceVersion == "9")
  }

  @Test func watchesAcrossChunksAndWithoutALastNewline() async throws {
    let events = try await withServer { _, responder in
      try await responder.beginStream()
      try await responder.piece(#"{"type":"ADDED","obj"#)
      try await responder.piece(
        "ect\":\(Self.pod)}\n{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":")
      try await responder.piece("\"8\"}}}\n{\"type\":\"DELETED\",\"object\":\(Self.pod)}")
      try await responder.endStream()
    } _: { client in
      var events: [WatchEvent] = []
      for try await event in client.watch(.pod, resourceVersion: "1") { events.append(event) }
      return events
    }
    let pod = KubernetesObject(try JSONValue(parsing: Self.pod))
    #expect(events == [.added(pod), .bookmark(resourceVersion: "8"), .deleted(pod)])
  }

  @Test func anExpiredWatchIsKnownByItsStatusAndByItsEvent() async throws {
    let status = #"{"kind":"Status","status":"Failure","message":"too old","reason":"Expired","code":410}"#
    try await withServer { request, responder in
      if request.parameter("resourceVersion") == "1" {
        try await responder.answer(410, status)
      } else {
        try await responder.answer("{\n \"type\": \"ERROR\",\n \"object\": \(status)\n}\n")
      }
    } _: { client in
      let error = try await #require(throws: KubernetesError.self) {
        for try await _ in client.watch(.pod, resourceVersion: "1") {}
      }
      #expect(error.isExpired)
      var seen: WatchEvent?
      for try await event in client.watch(.pod, resourceVersion: "2") { seen = event }
      guard case .error(let found) = seen else {
        Issue.record("no error event but \(String(describing: seen))")
        return
      }
      #expect(KubernetesError(found).isExpired)
    }
  }

  @Test func cancellingEndsTheTransfer() async throws {
    let (hungUp, signal) = AsyncStream.makeStream(of: Void.self)
    let (begun, began) = AsyncStream.makeStream(of: Void.self)
    try await withServer { _, responder in
      try await responder.beginStream()
      began.yield()
      await responder.clientHungUp()
      signal.yield()
    } _: { client in
      let task = Task { for try await _ in client.watch(.pod, resourceVersion: "1") {} }
      var begins = begun.makeAsyncIterator()
      await begins.next()
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      var ends = hungUp.makeAsyncIterator()
      await ends.next()
    }
  }

  @Test func aSlowReaderHoldsTheServerBackAndLosesNothing() async throws {
    let total = 16 << 20
    let line = String(repeating: "x", count: 64 << 10)
    let received = try await withServer { _, responder in
      try await responder.beginStream()
      for _ in 0..<(total / line.utf8.count) { try await responder.piece(line) }
      try await responder.endStream()
    } _: { client in
      var request = HTTPRequest(path: "/log", limits: .stream)
      request.limits.bufferBytes = 100_000
      var received = 0
      for try await chunk in client.stream(request) {
        #expect(chunk.count <= 200_000)
        received += chunk.count
        await Task.yield()
      }
      return received
    }
    #expect(received == total)
  }

  @Test func refusesAnswersThatAreTooLarge() async throws {
    try await withServer { _, responder in
      try await responder.answer(String(repeating: "x", count: 100_000))
    } _: { client in
      var request = HTTPRequest(path: "/big")
      request.limits.maximumBodyBytes = 50_000
      await #expect(throws: KubernetesError.self) { try await client.send(request) }
    }
  }
}
