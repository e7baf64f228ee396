import Foundation
import KubernetesAPI
import Testing

extension EndToEnd {
  /// Functions that fail in each way there is, and payloads that cannot be. The pod and its other executors go on.
  @Suite struct MisbehavingFunctionTests {
    @Test func `a function that throws or exits fails its session with the reason, and no other`() async throws {
      try await TestNamespace.with("faults") { namespace in
        try await namespace.deploy(.faults())
        let ingress = try await Ingress.find()
        let pod = try #require(try await namespace.kubectl.pods(of: "faults").first)

        let thrown = try await ingress.post(
          "faults", in: namespace.name, query: "function=throw", body: Data("out of cheese".utf8))
        #expect(thrown.status == 500, "\(thrown.text)")
        #expect(thrown.text.contains("throw"), "names the function: \(thrown.text)")
        #expect(thrown.text.contains("out of cheese"), "hands on what was thrown: \(thrown.text)")

        let exited = try await ingress.post("faults", in: namespace.name, query: "function=exit", body: Data())
        #expect(exited.status == 500, "\(exited.text)")
        #expect(exited.text.contains("exit"), "\(exited.text)")

        let sound = try await ingress.post("faults", in: namespace.name, body: Data("still here".utf8))
        #expect(sound.status == 200)
        #expect(sound.text == "still here")

        // Neither cost the pod a container.
        let after = try #require(try await namespace.kubectl.pods(of: "faults").first)
        #expect(after.uid == pod.uid)
        let restarts = (after["status", "containerStatuses"]?.arrayValue ?? []).compactMap {
          $0["restartCount"]?.intValue
        }
        #expect(restarts.allSatisfy { $0 == 0 }, "\(after["status"] ?? .null)")
      }
    }

    @Test(.enabled(if: TestEnvironment.ownsCluster, "kills processes of the local cluster"))
    func `an invocation whose executor is killed runs again`() async throws {
      try await TestNamespace.with("killed") { namespace in
        try await namespace.deploy(.faults())
        let ingress = try await Ingress.find()
        let before = Set(try ProcessTable.workers(program: "faults"))
        #expect(before.count == 2)
        async let answer = ingress.post(
          "faults", in: namespace.name, query: "function=linger", body: Data("3".utf8))
        // `linger` names its process in what it logs, so that the one that runs the invocation is the one that dies.
        let pod = try #require(try await namespace.kubectl.pods(of: "faults").first).name
        let victim = try await eventually("linger runs") {
          let log = try await namespace.kubectl("logs", pod, "--container", "app")
          let pid = try #/lingering in (\d+)/#.firstMatch(in: log).flatMap { Int32($0.output.1) }
          return before.first { $0.pid == pid }
        }
        ProcessTable.kill(victim)
        let answered = try await answer
        #expect(answered.status == 200, "\(answered.text)")
        let log = try await namespace.kubectl("logs", pod, "--container", "app")
        #expect(log.matches(of: #/lingering in/#).count == 2)
        try await eventually("the worker is replaced") {
          let now = Set(try ProcessTable.workers(program: "faults"))
          return now.count == 2 && !now.contains(victim) ? true : nil
        }
      }
    }

    @Test func `a payload larger than the object memory is refused, naming the field`() async throws {
      try await TestNamespace.with("large") { namespace in
        try await namespace.deploy(.faults(settings: ["sharedMemory: 16Mi"]))
        let ingress = try await Ingress.find()
        let answer = try await ingress.post("faults", in: namespace.name, body: Data(count: 20 << 20))
        #expect(answer.status == 413, "\(answer.text)")
        #expect(answer.problem?.contains("sharedMemory") == true, "\(answer.text)")
        let small = try await ingress.post("faults", in: namespace.name, body: Data(count: 1 << 20))
        #expect(small.status == 200)
        #expect(small.body.count == 1 << 20)
      }
    }
  }
}
