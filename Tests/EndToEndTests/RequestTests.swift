import Foundation
import KubernetesAPI
import Testing

extension EndToEnd {
  /// The coordinator's requests, as a client in any language would make them.
  @Suite struct RequestTests {
    @Test func `requests in all their forms`() async throws {
      try await TestNamespace.with("requests") { namespace in
        try await namespace.deployWordCount()
        let ingress = try await Ingress.find()
        let (workflow, name) = ("wordcount", namespace.name)

        let asynchronous = try await ingress.post(workflow, in: name, query: "async=true", body: Data("x y x".utf8))
        #expect(asynchronous.status == 202)
        let id = try #require(asynchronous.sessionID, "\(asynchronous.text)")
        _ = try await namespace.finishedSession(id, of: workflow)
        let output = try await ingress.get(session: id, of: workflow, in: name, "/output")
        #expect(output.status == 200)
        #expect(try WordCounts(lines: output.text).counts == ["x": 2, "y": 1])

        // The same key names the same session; with another body it is refused.
        let key = UUID().uuidString
        let first = try await ingress.post(workflow, in: name, query: "async=true", key: key, body: Data("k".utf8))
        let again = try await ingress.post(workflow, in: name, query: "async=true", key: key, body: Data("k".utf8))
        #expect(first.sessionID != nil)
        #expect(again.sessionID == first.sessionID, "\(first.text) \(again.text)")
        let other = try await ingress.post(workflow, in: name, key: key, body: Data("another".utf8))
        #expect(other.status == 422, "\(other.text)")

        let unknown = try await ingress.get(session: "no-such-session", of: workflow, in: name)
        #expect(unknown.status == 404)
        #expect(unknown.headers["content-type"]?.hasPrefix("application/problem+json") == true)
        #expect(unknown.problem?.contains("no-such-session") == true)

        let missing = try await ingress.post("missing", in: name, body: Data())
        #expect(missing.status == 404)
        #expect(missing.problem?.contains("missing") == true)
        let function = try await ingress.post(workflow, in: name, query: "function=nobody", body: Data())
        #expect((400..<500).contains(function.status), "\(function.text)")
        #expect(function.problem?.contains("nobody") == true)
      }
    }

    @Test func `data put into a bucket from outside fires its triggers`() async throws {
      try await TestNamespace.with("put") { namespace in
        try await namespace.deploy(.faults())
        try await namespace.kubectl.apply(
          WorkflowManifest.bucket("inbox", of: "faults", triggers: "{name: each, target: echo, immediate: {}}"))
        try await namespace.kubectl.wait("bucket/inbox", for: "condition=Accepted")
        let ingress = try await Ingress.find()
        let put = try await eventually("the bucket takes objects") {
          let answer = try await ingress.put(
            "letter", bucket: "inbox", of: "faults", in: namespace.name, body: Data("hello".utf8))
          // The plan with the bucket is on its way to the pod.
          guard answer.status < 300 else { throw NotYet("\(answer.status) \(answer.text)") }
          return answer
        }
        let id = try #require(put.sessionID, "\(put.text)")
        _ = try await namespace.finishedSession(id, of: "faults")
        let output = try await ingress.get(session: id, of: "faults", in: namespace.name, "/output")
        #expect(output.text == "hello")
        let missing = try await ingress.put("k", bucket: "nowhere", of: "faults", in: namespace.name, body: Data())
        #expect(missing.status == 404)
        #expect(missing.problem?.contains("nowhere") == true)
      }
    }

    @Test func `requests wait for the first ready pod`() async throws {
      try await TestNamespace.with("early") { namespace in
        try await namespace.kubectl("apply", "-f", TestEnvironment.wordCountManifest)
        let ingress = try await Ingress.find()
        let answer = try await eventually("the coordinator knows the workflow") {
          let answer = try await ingress.post("wordcount", in: namespace.name, body: Data("early bird".utf8))
          return answer.status == 404 ? nil : answer
        }
        #expect(answer.status == 200, "\(answer.text)")
        #expect(try WordCounts(lines: answer.text).counts == ["early": 1, "bird": 1])
      }
    }

    @Test func `without pods a request says so in time`() async throws {
      try await TestNamespace.with("zero") { namespace in
        try await namespace.deploy(.faults(settings: ["sessionTimeout: 2s"]))
        try await namespace.kubectl("scale", "workflow/faults", "--replicas=0")
        try await eventually("no pod is left") { try await namespace.kubectl.list("pods").isEmpty ? true : nil }
        let answer = try await Ingress.find().post("faults", in: namespace.name, body: Data("x".utf8))
        #expect(answer.status == 503 || answer.status == 504, "\(answer.text)")
        #expect(answer.problem?.contains("faults") == true, "\(answer.text)")
      }
    }
  }
}
