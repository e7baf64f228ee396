import Dataflow
import Foundation
import KubernetesAPI
import KubernetesClient
import Synchronization
import Testing
import Wire

@testable import Coordinator

/// Cancelling, recordings, and sessions that a pod has begun itself.
@Suite(.timeLimit(.minutes(1))) struct SessionTests {
  static func detail(_ body: Data) throws -> String { try JSONValue(parsing: body)["detail"]?.stringValue ?? "" }

  /// A sidecar that holds a derived session `derived` in a state, and whatever it is started.
  static func holdingDerived(
    _ state: String, cancelled: OneShot<String> = OneShot()
  ) -> @Sendable (CoordinatorFrame) async throws -> [PodFrame]? {
    { frame in
      switch frame {
      case .describe(let number, let session):
        let document = session == "derived" ? #"{"session":"derived","state":"\#(state)"}"# : nil
        return [.answer(request: number, document: document.map { Array($0.utf8) })]
      case .collect(let number, let session):
        let result = SessionResult(session: session, state: .succeeded, outputs: [.init(name: "", bytes: [68])])
        return [.outputs(request: number, result: result)]
      case .recording(let number, let session):
        return [.answer(request: number, document: session == "derived" ? Array("{}".utf8) : nil)]
      case .cancel(let session):
        cancelled.fulfil(.success(session))
        return []
      default: return []
      }
    }
  }

  @Test func `who waits for a session that is cancelled gets 409, and a second cancellation says that it is over`()
    async throws
  {
    try await Stage.with { stage in
      let started = OneShot<String>()
      try await RequestTests.with(
        stage,
        { frame in
          switch frame {
          case .start(let request):
            started.fulfil(.success(request.session))
            return [.stored(session: request.session)]
          case .cancel(let session):
            return [.ended(SessionResult(session: session, state: .cancelled, message: "cancelled by the client"))]
          default: return []
          }
        }
      ) {
        async let waiting = stage.post("x")
        let session = try #require(try await started.value(within: .seconds(10)))
        #expect(try await stage.send("DELETE", "/v1/ns/wf/sessions/\(session)").status == 202)
        let answer = try await waiting
        #expect(answer.status == 409)
        #expect(
          try JSONValue(parsing: answer.body)["type"]?.stringValue == "https://pheromone.dev/problems/cancelled")
        let again = try await stage.send("DELETE", "/v1/ns/wf/sessions/\(session)")
        #expect(again.status == 409)
        #expect(try Self.detail(again.body).contains("ended already"))
        #expect(try await stage.send("DELETE", "/v1/ns/nope/sessions/\(session)").status == 404)
      }
    }
  }

  @Test func `a caller that hangs up cancels nothing, and its session is found with the key`() async throws {
    try await Stage.with { stage in
      let started = OneShot<String>()
      let mayEnd = OneShot<Void>()
      try await RequestTests.with(
        stage,
        { frame in
          guard case .start(let request) = frame else {
            if case .cancel = frame { Issue.record("it was cancelled") }
            return []
          }
          started.fulfil(.success(request.session))
          _ = try await mayEnd.value(within: .seconds(10))
          let result = SessionResult(
            session: request.session, state: .succeeded, outputs: [.init(name: "", bytes: request.payload)])
          return [.stored(session: request.session), .ended(result)]
        }
      ) {
        let caller = Task { try await stage.post("hello", key: "k") }
        let session = try #require(try await started.value(within: .seconds(10)))
        caller.cancel()
        _ = await caller.result
        mayEnd.fulfil(.success(()))
        let again = try await stage.post("hello", key: "k")
        #expect(again.status == 200 && String(decoding: again.body, as: UTF8.self) == "hello")
        #expect(again.headers["pheromone-session"] == session)
      }
    }
  }

  @Test func `whether a session is to be recorded reaches its pod, whichever way it begins`() async throws {
    try await Stage.with { stage in
      let flags = Mutex<[Bool]>([])
      try await RequestTests.with(
        stage,
        { frame in
          if case .start(let request) = frame { flags.withLock { $0.append(request.isRecorded) } }
          return try await FakeSidecar.echo(frame)
        }
      ) {
        _ = try await stage.post("x")
        _ = try await stage.post("x", [("record", "true")])
        _ = try await stage.send("PUT", "/v1/ns/wf/buckets/words/k", [("record", "true"), ("wait", "true")], body: "p")
        #expect(flags.withLock { $0 } == [false, true, true])
        #expect(try await stage.post("x", [("record", "perhaps")]).status == 400)
      }
    }
  }

  @Test(arguments: [Features.current, []] as [Features])
  func `a recording is handed on, and one that there is not says how to get one`(features: Features) async throws {
    try await Stage.with { stage in
      stage.show("a")
      let sidecar = try await FakeSidecar("a", port: stage.linkPort)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          try await sidecar.run(features: features) { frame in
            switch frame {
            case .recording(let number, let session):
              // A pod that does not know the question would close the connection.
              #expect(features.contains(.recordings))
              let isRecorded = session.count == 20
              return [.answer(request: number, document: isRecorded ? Array(#"{"version":1}"#.utf8) : nil)]
            default: return try await FakeSidecar.echo(frame)
            }
          }
        }
        defer { group.cancelAll() }
        let session = try #require(try await stage.post("x").headers["pheromone-session"])
        let recording = try await stage.send("GET", "/v1/ns/wf/sessions/\(session)/recording")
        if features.contains(.recordings) {
          #expect(recording.status == 200 && String(decoding: recording.body, as: UTF8.self) == #"{"version":1}"#)
          #expect(recording.headers["content-type"] == "application/json")
        } else {
          #expect(recording.status == 404)
          #expect(try Self.detail(recording.body).contains("?record=true"))
        }
      }
    }
  }

  @Test func `a session that a pod has begun itself is found on it`() async throws {
    try await Stage.with { stage in
      stage.show("b")
      let other = try await FakeSidecar("b", port: stage.linkPort)
      try await withThrowingTaskGroup(of: Void.self) { group in
        // The other pod has nothing.
        group.addTask {
          try await other.run { frame in
            if case .describe(let number, _) = frame { [.answer(request: number, document: nil)] } else { [] }
          }
        }
        defer { group.cancelAll() }
        _ = try await other.registered.value(within: .seconds(10))
        try await RequestTests.with(stage, Self.holdingDerived("Succeeded")) {
          let described = try await stage.send("GET", "/v1/ns/wf/sessions/derived")
          #expect(try JSONValue(parsing: described.body)["state"] == "Succeeded")
          let output = try await stage.send("GET", "/v1/ns/wf/sessions/derived/output")
          #expect(output.status == 200 && output.body == Data([68]))
          #expect(try await stage.send("GET", "/v1/ns/wf/sessions/derived/recording").status == 200)
          #expect(try await stage.send("DELETE", "/v1/ns/wf/sessions/derived").status == 409)
          for part in ["", "/output", "/recording"] {
            #expect(try await stage.send("GET", "/v1/ns/wf/sessions/nowhere\(part)").status == 404)
          }
          #expect(try await stage.send("DELETE", "/v1/ns/wf/sessions/nowhere").status == 404)
          #expect(stage.broker.openQuestions == 0)
        }
      }
    }
  }

  @Test func `a derived session that runs can be cancelled, and has no output yet`() async throws {
    try await Stage.with { stage in
      let cancelled = OneShot<String>()
      try await RequestTests.with(stage, Self.holdingDerived("Running", cancelled: cancelled)) {
        let output = try await stage.send("GET", "/v1/ns/wf/sessions/derived/output")
        #expect(output.status == 404)
        #expect(try Self.detail(output.body).contains("still runs"))
        #expect(try await stage.send("DELETE", "/v1/ns/wf/sessions/derived").status == 202)
        #expect(try await cancelled.value(within: .seconds(10)) == "derived")
      }
    }
  }

  @Test func `a pod that does not answer leaves an unknown session in doubt, within the time for a question`()
    async throws
  {
    var limits = BrokerLimits()
    limits.question = .milliseconds(50)
    try await Stage.with(limits: limits) { stage in
      try await RequestTests.with(stage, { _ in [] }) {
        let answer = try await stage.send("GET", "/v1/ns/wf/sessions/derived")
        #expect(answer.status == 503)
        #expect(stage.broker.openQuestions == 0, "what nobody waits for is forgotten")
      }
    }
  }

  @Test func `questions are bounded`() async throws {
    var limits = BrokerLimits()
    limits.questions = 0
    try await Stage.with(limits: limits) { stage in
      try await RequestTests.with(stage, FakeSidecar.echo) {
        let answer = try await stage.send("GET", "/v1/ns/wf/sessions/derived")
        #expect(answer.status == 503)
      }
    }
  }

  @Test func `dead letters are gathered for the bucket, and the figures show the owner`() async throws {
    try await Stage.with { stage in
      let letter = PodFrame.DeadLetter(session: "d", bucket: "words", trigger: "t", objects: 3, message: "it broke")
      try await RequestTests.with(
        stage,
        { frame in
          if case .start(let request) = frame {
            let result = SessionResult(session: request.session, state: .succeeded)
            return [.deadLetter(letter), .stored(session: request.session), .ended(result)]
          }
          return []
        }
      ) {
        _ = try await stage.post("x")
        let reports = stage.broker.deadLettersDue()
        #expect(reports.map(\.objects) == [3] && reports.first?.bucketKey == ObjectKey(namespace: "ns", name: "words"))
        #expect(reports.first?.workflow == Stage.key)
        var plan = Stage.plan
        plan.revision = "p2"
        plan.buckets[0].triggers = [TriggerPlan(name: "t", target: "f", .byTime(.init(window: "1s")))]
        stage.broker.workflowChanged(
          Stage.key, entry: "f", plan: plan, findings: [], isSuspended: false, currentRevision: nil)
        let metrics = String(decoding: try await stage.send("GET", "/metrics").body, as: UTF8.self)
        #expect(metrics.contains(#"pheromone_pods{namespace="ns",workflow="wf"} 1"#))
        let load = String(decoding: try await stage.send("GET", "/v1/ns/wf/load").body, as: UTF8.self)
        #expect(load.contains(#""isOwner":true"#), "\(load)")
        #expect(metrics.contains("pheromone_sessions_limit 20000\n"))
        #expect(metrics.contains(#"pheromone_sessions{namespace="ns",workflow="wf",state="kept"} 1"#))
        let deadLetters = #"pheromone_bucket_dead_letters_total{namespace="ns",workflow="wf",bucket="words"} 0"#
        #expect(metrics.contains(deadLetters))
      }
    }
  }
}
