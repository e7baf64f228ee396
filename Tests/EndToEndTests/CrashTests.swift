import Foundation
import KubernetesAPI
import Testing

extension EndToEnd {
  /// Any part may die at any moment.
  @Suite(.enabled(if: TestEnvironment.ownsCluster, "kills processes of the local cluster"))
  struct CrashTests {
    @Test func `a restart of the controller changes nothing that runs`() async throws {
      try await TestNamespace.with("restart") { namespace in
        let kubectl = namespace.kubectl
        try await namespace.deployWordCount()
        let before = try await kubectl.pods(of: "wordcount")

        let controller = try #require(try ProcessTable.entries(program: "pheromone-controller").first)
        ProcessTable.kill(controller)
        try await replaced(controller)

        // That it works again shows in something it has to do; only then is it telling that it did nothing else.
        try await kubectl("scale", "workflow/wordcount", "--replicas=3")
        let after = try await eventually("a third ready pod", within: .seconds(90)) {
          let ready = try await kubectl.get("workflow", "wordcount")?["status", "ready"]?.stringValue
          guard ready == "3/3" else { throw NotYet("ready \(ready ?? "nothing")") }
          return try await kubectl.pods(of: "wordcount")
        }
        #expect(after.count == 3)
        #expect(Set(before.map(\.uid)).isSubset(of: Set(after.map(\.uid))))
        for pod in before {
          let now = after.first { $0.uid == pod.uid }
          #expect(now?["status", "containerStatuses"] == pod["status", "containerStatuses"], "nothing was restarted")
        }
      }
    }

    @Test func `a hundred sessions outlive the death of an executor, a sidecar, the controller and the coordinator`()
      async throws
    {
      try await TestNamespace.with("chaos") { namespace in
        let kubectl = namespace.kubectl
        try await namespace.deployWordCount()
        let pods = Set(try await kubectl.pods(of: "wordcount").map(\.uid))
        let ingress = try await Ingress.find()

        var deaths = [10: "executor", 25: "sidecar", 40: "controller", 55: "coordinator"]
        var finished = 0
        try await withThrowingTaskGroup(of: Request.self) { group in
          // Twenty at a time, so that each death comes in the middle of many.
          for number in 0..<20 { group.addTask { try await Request(number).persist(ingress, namespace.name) } }
          while let request = try await group.next() {
            finished += 1
            #expect(try WordCounts(lines: request.output).counts == request.expected, "request \(request.number)")
            if let part = deaths.removeValue(forKey: finished) { try kill(part) }
            let next = finished + 19
            if next < 100 { group.addTask { try await Request(next).persist(ingress, namespace.name) } }
          }
        }
        #expect(finished == 100)
        #expect(deaths.isEmpty)

        // Everything is back where it was: the same pods, all ready, each with one sidecar and its executors.
        try await eventually("the same two pods, all ready", within: .seconds(90)) {
          let ready = try await kubectl.get("workflow", "wordcount")?["status", "ready"]?.stringValue
          let now = try await kubectl.list("pods")
          let processes = try ["pheromone-sidecar", "pheromone-controller", "pheromone-coordinator"].map {
            try ProcessTable.entries(program: $0).count
          }
          let workers = try ProcessTable.workers(program: "wordcount").count
          guard ready == "2/2", now.count == 2, processes == [2, 1, 1], workers == 4 else {
            throw NotYet("ready \(ready ?? "nothing"), \(now.count) pods, processes \(processes), \(workers) workers")
          }
          #expect(Set(now.map(\.uid)) == pods)
          return ()
        }

        try await kubectl("delete", "workflow", "wordcount")
        try await eventually("neither pods nor processes are left", within: .seconds(90)) {
          let left = try await kubectl.list("pods").count
          let processes =
            try ProcessTable.entries(program: "wordcount") + ProcessTable.entries(program: "pheromone-sidecar")
          guard left == 0, processes.isEmpty else { throw NotYet("\(left) pods, \(processes)") }
          return ()
        }
      }
    }

    @Test func `sessions outlive a pod that is silent for longer than its lease and comes back`() async throws {
      try await TestNamespace.with("silence") { namespace in
        var manifest = WorkflowManifest.faults()
        (manifest.replicas, manifest.executors) = (2, 4)
        try await namespace.deploy(manifest)
        let ingress = try await Ingress.find()
        let silent = try #require(try ProcessTable.entries(program: "pheromone-sidecar").first)
        try await withThrowingTaskGroup(of: Ingress.Answer.self) { group in
          for number in 0..<4 {
            group.addTask {
              try await ingress.post(
                "faults", in: namespace.name, query: "function=linger", key: "silence-\(number)", body: Data("15".utf8))
            }
          }
          defer { ProcessTable.signal(silent, SIGCONT) }
          try await eventually("two sessions on each pod") {
            let load = try await ingress.get("/v1/\(namespace.name)/faults/load").json?["pods"]?.objectValue ?? [:]
            let sessions = load.values.map { $0["sessions"]?.intValue ?? 0 }
            guard sessions == [2, 2] else { throw NotYet("\(sessions)") }
            return ()
          }
          ProcessTable.signal(silent, SIGSTOP)
          try await eventually("its sessions were started again") {
            let metrics = try await ingress.get("/metrics").text
            let line = #"pheromone_sessions_restarted_total{namespace="\#(namespace.name)",workflow="faults"} 2"#
            guard metrics.contains(line) else { throw NotYet("no \(line)") }
            return ()
          }
          ProcessTable.signal(silent, SIGCONT)
          for try await answer in group { #expect(answer.status == 200, "\(answer.text)") }
        }
      }
    }

    /// One request that is repeated with its key until it is answered by its result.
    private struct Request: Sendable {
      var number: Int
      var output = ""

      init(_ number: Int) { self.number = number }

      var expected: [String: Int] { ["request\(number)": 1, "alpha": number % 7 + 1, "beta": number % 3 + 1] }

      private var text: String {
        expected.flatMap { word, count in Array(repeating: word, count: count) }.joined(separator: " ")
      }

      func persist(_ ingress: Ingress, _ namespace: String) async throws -> Request {
        let key = "chaos-\(namespace)-\(number)"
        // The same bytes each time; the order of a dictionary's members is not that of another's.
        let body = Data(text.utf8)
        return try await eventually("an answer to request \(number)", within: .seconds(150)) {
          let answer: Ingress.Answer
          do {
            answer = try await ingress.post("wordcount", in: namespace, key: key, body: body)
          } catch let error as URLError {
            throw NotYet("connection: \(error.code.rawValue)")
          }
          guard answer.status == 200 else {
            #expect([500, 502, 503, 504].contains(answer.status), "request \(number): \(answer.text)")
            #expect(answer.problem?.isEmpty == false, "no clear error: \(answer.status) \(answer.text)")
            throw NotYet("\(answer.status) \(answer.text)")
          }
          var answered = self
          answered.output = answer.text
          return answered
        }
      }
    }

    private func kill(_ part: String) throws {
      let victims =
        switch part {
        case "executor": try ProcessTable.workers(program: "wordcount")
        case "sidecar": try ProcessTable.entries(program: "pheromone-sidecar")
        default: try ProcessTable.entries(program: "pheromone-\(part)")
        }
      ProcessTable.kill(try #require(victims.first, "no \(part) runs"))
    }

    private func replaced(_ process: ProcessTable.Entry) async throws {
      try await eventually("\(process.program) runs again") {
        let now = try ProcessTable.entries(program: process.program)
        guard now.count == 1, now.first?.pid != process.pid else { throw NotYet("\(now)") }
        return ()
      }
    }
  }
}
