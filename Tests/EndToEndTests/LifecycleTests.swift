import Foundation
import KubernetesAPI
import Testing

extension EndToEnd {
  /// From a workflow's first pod to its last.
  @Suite struct LifecycleTests {
    @Test func `a restart rolls the pods, and requests are answered throughout`() async throws {
      try await TestNamespace.with("roll") { namespace in
        let kubectl = namespace.kubectl
        try await namespace.deployWordCount()
        let ingress = try await Ingress.find()
        let old = Set(try await kubectl.pods(of: "wordcount").map(\.uid))

        let said = try await PheromoneCLI(namespace: namespace.name)("restart", "wordcount")
        #expect(said.output == "workflow.pheromone.dev/wordcount restarts\n")
        var requests = 0
        let new = try await eventually("two new ready pods and none of the old ones", within: .seconds(120)) {
          let answer = try await ingress.post(
            "wordcount", in: namespace.name, key: UUID().uuidString, body: Data("a b a".utf8))
          #expect(answer.status == 200, "\(answer.text)")
          requests += 1
          let pods = try await kubectl.list("pods", selector: "pheromone.dev/workflow=wordcount")
          let uids = Set(pods.map(\.uid))
          let ready = try await kubectl.get("workflow", "wordcount")?["status", "ready"]?.stringValue
          guard uids.count == 2, uids.isDisjoint(with: old), ready == "2/2" else {
            throw NotYet("\(pods.map(\.name)), ready \(ready ?? "nothing")")
          }
          return pods
        }
        #expect(requests > 1)
        #expect(new.allSatisfy { $0.annotations["pheromone.dev/restarted-at"] != nil })
        #expect(Set(new.compactMap { $0.labels["pheromone.dev/revision"] }).count == 1)
      }
    }

    @Test func `a change of anything else leaves the pods alone`() async throws {
      try await TestNamespace.with("keep") { namespace in
        let kubectl = namespace.kubectl
        try await namespace.deployWordCount()
        let before = Set(try await kubectl.pods(of: "wordcount").map(\.uid))
        try await kubectl(
          "patch", "workflow", "wordcount", "--type=merge", "--patch", #"{"spec":{"sessionTimeout":"50s"}}"#)
        let generation = try #require(try await kubectl.get("workflow", "wordcount")).generation
        try await eventually("the change is observed") {
          try await kubectl.get("workflow", "wordcount")?["status", "observedGeneration"]?.intValue == generation
            ? true : nil
        }
        #expect(Set(try await kubectl.pods(of: "wordcount").map(\.uid)) == before)
      }
    }

    @Test func `deletion leaves nothing behind`() async throws {
      try await TestNamespace.with("delete") { namespace in
        let kubectl = namespace.kubectl
        try await namespace.deployWordCount()
        try await kubectl("delete", "-f", TestEnvironment.wordCountManifest)
        try await eventually("no pod is left") {
          let pods = try await kubectl.list("pods")
          guard pods.isEmpty else { throw NotYet("\(pods.map(\.name))") }
          return true
        }
        let answer = try await Ingress.find().post("wordcount", in: namespace.name, body: Data("a".utf8))
        #expect(answer.status == 404, "\(answer.text)")
        #expect(answer.problem?.contains("wordcount") == true)
      }
    }

    @Test func `a pod that is deleted is replaced`() async throws {
      try await TestNamespace.with("replace") { namespace in
        let kubectl = namespace.kubectl
        try await namespace.deployWordCount()
        let victim = try #require(try await kubectl.pods(of: "wordcount").first)
        try await kubectl("delete", "pod", victim.name, "--wait=false")
        try await eventually("two ready pods without the deleted one") {
          let pods = try await kubectl.list("pods", selector: "pheromone.dev/workflow=wordcount")
          let ready = try await kubectl.get("workflow", "wordcount")?["status", "ready"]?.stringValue
          guard pods.count == 2, !pods.contains(where: { $0.uid == victim.uid }), ready == "2/2" else {
            throw NotYet("\(pods.map(\.name)), ready \(ready ?? "nothing")")
          }
          return true
        }
      }
    }

    @Test func `same-named workflows in two namespaces do not meet`() async throws {
      try await TestNamespace.with("one") { one in
        try await TestNamespace.with("two") { two in
          try await one.deployWordCount()
          try await two.deployWordCount()
          try await two.kubectl("scale", "workflow/wordcount", "--replicas=1")
          try await eventually("one pod in the second namespace") {
            try await two.kubectl.list("pods").count == 1 ? true : nil
          }
          #expect(try await one.kubectl.pods(of: "wordcount").count == 2)

          let ingress = try await Ingress.find()
          async let first = ingress.post("wordcount", in: one.name, query: "async=true", body: Data("a a".utf8))
          async let second = ingress.post("wordcount", in: two.name, query: "async=true", body: Data("b".utf8))
          let ids = (try #require(try await first.sessionID), try #require(try await second.sessionID))
          _ = try await one.finishedSession(ids.0, of: "wordcount")
          _ = try await two.finishedSession(ids.1, of: "wordcount")
          let output = try await ingress.get(session: ids.0, of: "wordcount", in: one.name, "/output")
          #expect(try WordCounts(lines: output.text).counts == ["a": 2])
          // A session is known in its own namespace only.
          #expect(try await ingress.get(session: ids.0, of: "wordcount", in: two.name).status == 404)

          try await two.kubectl("delete", "workflow", "wordcount")
          #expect(try await one.kubectl.pods(of: "wordcount").count == 2)
        }
      }
    }
  }
}
