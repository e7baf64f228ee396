import Dataflow
import Foundation
import KubernetesAPI
import KubernetesClient
import Synchronization
import Testing
import Wire

@testable import Coordinator

@Suite(.timeLimit(.minutes(1))) struct RequestTests {
  /// Runs a body while the sidecars run, and ends them with it.
  static func with(
    _ stage: Stage, _ answer: @escaping @Sendable (CoordinatorFrame) async throws -> [PodFrame]?,
    holding: [PodFrame.HeldSession] = [], _ body: @escaping @Sendable () async throws -> Void
  ) async throws {
    stage.show("a")
    let sidecar = try await FakeSidecar("a", port: stage.linkPort)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await sidecar.run(holding: holding, answer) }
      defer { group.cancelAll() }
      _ = try await sidecar.registered.value(within: .seconds(10))
      try await body()
    }
  }

  @Test func `a request is answered with its output, and its session can be asked for`() async throws {
    try await Stage.with { stage in
      try await Self.with(stage, FakeSidecar.echo) {
        let answer = try await stage.post("hello")
        #expect(answer.status == 200 && String(decoding: answer.body, as: UTF8.self) == "hello")
        #expect(answer.headers["content-type"] == "application/octet-stream")
        let session = try #require(answer.headers["pheromone-session"])
        let described = try await stage.send("GET", "/v1/ns/wf/sessions/\(session)")
        #expect(try JSONValue(parsing: described.body)["live"] == true)
        let output = try await stage.send("GET", "/v1/ns/wf/sessions/\(session)/output")
        #expect(String(decoding: output.body, as: UTF8.self) == "hello")
        let list = try await stage.send("GET", "/v1/ns/wf/sessions")
        #expect(try JSONValue(parsing: list.body)[0]?["session"]?.stringValue == session)
      }
    }
  }

  @Test func `asynchronous requests and puts are answered once stored`() async throws {
    try await Stage.with { stage in
      try await Self.with(stage, FakeSidecar.echo) {
        let accepted = try await stage.post("x", [("async", "true")])
        #expect(accepted.status == 202)
        let session = try #require(accepted.headers["pheromone-session"])
        #expect(accepted.headers["location"] == "/v1/ns/wf/sessions/\(session)")
        let put = try await stage.send("PUT", "/v1/ns/wf/buckets/words/part%2F1", [("wait", "true")], body: "p")
        #expect(put.status == 200 && String(decoding: put.body, as: UTF8.self) == "p")
        let unknown = try await stage.send("PUT", "/v1/ns/wf/buckets/none/k", body: "p")
        #expect(unknown.status == 404)
      }
    }
  }

  @Test func `a problem does not say its title twice`() async throws {
    try await Stage.with { stage in
      let answer = FakeSidecar.ending {
        SessionResult(session: $0.session, state: .cancelled, message: "the session was cancelled")
      }
      try await Self.with(stage, answer) {
        let problem = try JSONValue(parsing: try await stage.post("x").body)
        #expect(problem["title"] == "The session was cancelled")
        #expect(problem["detail"]?.stringValue?.contains("was cancelled") == false, "\(problem)")
      }
    }
    let unplaced = Problem(.unplaced("workflow w has no executor pods"), session: nil)
    #expect(unplaced.title == "No pod took the request in time")
    #expect(unplaced.detail == "workflow w has no executor pods")
  }

  @Test(arguments: [
    (SessionResult.State.failed, 500, "failed"), (.stalled, 422, "stalled"), (.timedOut, 504, "timeout"),
    (.cancelled, 409, "cancelled"),
  ])
  func `a session that ends badly is a problem document`(state: SessionResult.State, status: Int, slug: String)
    async throws
  {
    try await Stage.with { stage in
      let answer = FakeSidecar.ending { SessionResult(session: $0.session, state: state, message: "because") }
      try await Self.with(stage, answer) {
        let answer = try await stage.post("x")
        #expect(answer.status == status)
        #expect(answer.headers["content-type"] == "application/problem+json")
        let problem = try JSONValue(parsing: answer.body)
        #expect(problem["detail"] == "because" && problem["status"]?.intValue == status)
        #expect(problem["type"]?.stringValue == "https://pheromone.dev/problems/\(slug)")
        #expect(problem["session"]?.stringValue == answer.headers["pheromone-session"])
      }
    }
  }

  @Test func `several outputs are a multipart body, none is 204`() async throws {
    try await Stage.with { stage in
      let answer = FakeSidecar.ending { request in
        let outputs = request.payload.isEmpty ? [] : ["", "b"].map { SessionResult.Output(name: $0, bytes: [65]) }
        return SessionResult(session: request.session, state: .succeeded, outputs: outputs)
      }
      try await Self.with(stage, answer) {
        #expect(try await stage.post("").status == 204)
        let both = try await stage.post("x")
        #expect(both.headers["content-type"]?.hasPrefix("multipart/form-data; boundary=") == true)
        #expect(String(decoding: both.body, as: UTF8.self).contains("name=\"b\""))
      }
    }
  }

  @Test func `requests that make no sense say so`() async throws {
    try await Stage.with { stage in
      let cases: [(KubernetesClient.Response, Int, String)] = [
        (try await stage.send("POST", "/v1/ns/nope", body: "x"), 404, "nope"),
        (try await stage.post("x", [("function", "nobody")]), 404, "nobody"),
        (try await stage.post("x", [("timeout", "soon")]), 400, "soon"),
        (try await stage.post("x", [("async", "maybe")]), 400, "maybe"),
        (
          try await stage.send(
            "PUT", "/v1/ns/wf/buckets/words/k", [("group", String(repeating: "g", count: 1025))], body: "x"), 400,
          "?group=: a group of 1025 bytes"
        ),
        (try await stage.post(String(repeating: "x", count: (1 << 20) + 1)), 413, "sharedMemory"),
        (try await stage.post(String(repeating: "x", count: (2 << 20) + 1)), 413, "--max-payload"),
        (try await stage.send("GET", "/v1/ns/wf/sessions/unknown"), 404, "unknown"),
        (try await stage.send("DELETE", "/v1/ns/wf/sessions/unknown"), 404, "unknown"),
        (try await stage.post("x", [("timeout", "100ms")]), 503, "no executor pods"),
        (try await stage.send("POST", "/v1/ns/wf", [], [("ce-specversion", "1.0")], body: "x"), 400, "ce-id"),
      ]
      for (answer, status, word) in cases {
        let detail = try JSONValue(parsing: answer.body)["detail"]?.stringValue ?? ""
        #expect(answer.status == status && detail.contains(word), "\(answer.status) \(detail)")
      }
      #expect(cases[9].0.headers["retry-after"] != nil)
    }
  }

  @Test func `a retry with its key gets the same session, another body is refused`() async throws {
    try await Stage.with { stage in
      try await Self.with(stage, FakeSidecar.echo) {
        let first = try await stage.post("x", key: "k")
        let again = try await stage.post("x", key: "k")
        #expect(again.status == 200 && again.body == first.body)
        #expect(again.headers["pheromone-session"] == first.headers["pheromone-session"])
        #expect(try await stage.post("y", key: "k").status == 422)
      }
    }
  }

  @Test func `objects under one key are told apart by bucket, key and group, wherever these are cut`() async throws {
    try await Stage.with { stage in
      let answer = FakeSidecar.ending { SessionResult(session: $0.session, state: .succeeded) }
      try await Self.with(stage, answer) {
        let puts: [(String, String?)] = [("a/b", "c"), ("a", "b/c"), ("a/b/c", ""), ("a/b/c", nil)]
        for (index, (key, group)) in puts.enumerated() {
          for (other, (otherKey, otherGroup)) in puts.enumerated() {
            let once = "\(index) \(other)"
            _ = try await Self.put(stage, key, group, once: once)
            let status = try await Self.put(stage, otherKey, otherGroup, once: once)
            #expect(status == (index == other ? 202 : 422), "\(puts[index]), then \(puts[other])")
          }
        }
      }
    }
  }

  private static func put(_ stage: Stage, _ key: String, _ group: String?, once: String) async throws -> Int {
    try await stage.send(
      "PUT", "/v1/ns/wf/buckets/words/\(key)", group.map { [("group", $0)] } ?? [], [("Idempotency-Key", once)],
      body: "x"
    ).status
  }

  @Test func `a CloudEvent starts a session, and sent again it finds it`() async throws {
    try await Stage.with { stage in
      try await Self.with(stage, FakeSidecar.echo) {
        func event(_ id: String, source: String = "/shop", key: String? = nil) async throws -> String? {
          var headers = [
            ("ce-specversion", "1.0"), ("ce-id", id), ("ce-source", source), ("ce-type", "dev.shop.order"),
          ]
          if let key { headers.append(("Idempotency-Key", key)) }
          let answer = try await stage.send(
            "POST", "/v1/ns/wf", [], headers.map { (name: $0.0, value: $0.1) }, body: "order")
          #expect(answer.status == 200 && answer.body == Data("order".utf8))
          return answer.headers["pheromone-session"]
        }
        let first = try #require(try await event("1"))
        #expect(try await event("1") == first)
        // Source and id together name an event; a key of the sender goes before them.
        for other in [
          try await event("2"), try await event("1", source: "/store"), try await event("1", key: "k"),
        ] {
          #expect(other != nil && other != first)
        }
        let binary = [
          ("ce-specversion", "1.0"), ("ce-id", "p"), ("ce-source", "/shop"), ("ce-type", "t"),
        ].map { (name: $0.0, value: $0.1) }
        let path = "/v1/ns/wf/buckets/words/k"
        let put = try await stage.send("PUT", path, [], binary, body: "p").headers["pheromone-session"]
        let again = try await stage.send("PUT", path, [], binary, body: "p").headers["pheromone-session"]
        #expect(put != nil && put == again)
      }
    }
  }

  @Test func `what was kept until the end of its retention is gone`() async throws {
    let late = Atomic(false)
    try await Stage.with(clock: {
      let now = Moment.now()
      guard late.load(ordering: .relaxed) else { return now }
      return Moment(monotonic: now.monotonic + Stage.plan.retention, wall: now.wall + Stage.plan.retention)
    }) { stage in
      try await Self.with(stage, FakeSidecar.echo) {
        let session = try #require(try await stage.post("x").headers["pheromone-session"])
        #expect(try await stage.send("GET", "/v1/ns/wf/sessions/\(session)/output").status == 200)
        late.store(true, ordering: .relaxed)
        stage.broker.timePassed()
        for path in ["/v1/ns/wf/sessions/\(session)", "/v1/ns/wf/sessions/\(session)/output"] {
          let gone = try await stage.send("GET", path)
          #expect(gone.status == 410)
          let detail = try JSONValue(parsing: gone.body)["detail"]?.stringValue ?? ""
          #expect(detail.contains("spec.retention"), "\(detail)")
        }
      }
    }
  }

  @Test func `after a restart, a retry finds what a pod holds`() async throws {
    try await Stage.with { stage in
      var hash = StableHash()
      hash.update(field: "")
      hash.update(field: "")
      hash.update([120])
      let held = PodFrame.HeldSession(session: "old", hasEnded: true, idempotencyKey: "k", requestHash: hash.finish())
      try await Self.with(
        stage,
        { frame in
          guard case .collect(let number, let session) = frame else { return [] }
          let result = SessionResult(session: session, state: .succeeded, outputs: [.init(name: "", bytes: [66])])
          return [.outputs(request: number, result: result)]
        }, holding: [held]
      ) {
        let answer = try await stage.post("x", key: "k")
        #expect(answer.status == 200 && answer.headers["pheromone-session"] == "old" && answer.body == Data([66]))
      }
    }
  }

  @Test func `a pod that dies with a session costs its caller nothing`() async throws {
    try await Stage.with { stage in
      stage.show("a")
      stage.show("b")
      let first = try await FakeSidecar("a", port: stage.linkPort)
      let died = OneShot<Void>()
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          try await first.run { frame in
            guard case .start(let request) = frame else { return [] }
            _ = request
            return nil
          }
          died.fulfil(.success(()))
          try await FakeSidecar("b", port: stage.linkPort).run(FakeSidecar.echo)
        }
        defer { group.cancelAll() }
        let answer = try await stage.post("survivor")
        #expect(String(decoding: answer.body, as: UTF8.self) == "survivor")
        #expect(try await died.value(within: .seconds(1)) != nil)
      }
    }
  }

  @Test func `only pods that the API server shows may register`() async throws {
    try await Stage.with { stage in
      stage.show("a")
      for (pod, uid, version) in [("a", "wrong", UInt16(1)), ("ghost", "uid-ghost", 1), ("a", "uid-a", 99)] {
        let refused = OneShot<String>()
        try await FakeSidecar(pod, port: stage.linkPort).run(uid: uid, version: version) { frame in
          guard case .refused(let reason) = frame else { return [] }
          refused.fulfil(.success(reason))
          return nil
        }
        #expect(try await refused.value(within: .seconds(1)) != nil)
      }
      #expect(stage.broker.figures(of: Stage.key)?.pods.isEmpty == true)
    }
  }

  @Test func `health, metrics and load`() async throws {
    try await Stage.with { stage in
      try await Self.with(stage, FakeSidecar.echo) {
        _ = try await stage.post("x")
        #expect(try await stage.send("GET", "/healthz").status == 200)
        #expect(try await stage.send("GET", "/readyz").status == 200)
        let load = try JSONValue(parsing: try await stage.send("GET", "/v1/ns/wf/load").body)
        #expect(load[path: "pods", "a", "sessions"] == 0)
        let metrics = String(decoding: try await stage.send("GET", "/metrics").body, as: UTF8.self)
        #expect(metrics.contains(#"pheromone_sessions_ended_total{namespace="ns",workflow="wf",state="Succeeded"} 1"#))
      }
    }
  }
}
