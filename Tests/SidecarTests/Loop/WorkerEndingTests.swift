import Dataflow
import ExecutorPod
import Testing
import Wire

@testable import Sidecar

/// A program of the SDK, with its supervisor and its worker, whose function ends the process.
@Suite(.timeLimit(.minutes(1))) struct WorkerEndingTests {
  private static let plan = WorkflowPlan(
    namespace: "n", workflow: "w", revision: "1", entry: "echo",
    functions: ["echo", "exit", "die"].map { FunctionPlan(name: $0) }, buckets: [])

  @Test func `a session says with which code or signal its executor has ended`() async throws {
    try await LoopUnderTest.with(Self.plan) { test in
      let program = try HostileProcess(
        [], program: "faults",
        variables: [
          "PHEROMONE_SOCKET": test.path, "PHEROMONE_CONTAINER": "app", "PHEROMONE_EXECUTORS": "1",
        ])
      defer {
        program.terminate()
        _ = program.wait()
      }
      // It connects beside its worker, and one that is not there yet is not waited for.
      while try await test.state({ $0.supervisors.isEmpty }) { await Task.yield() }
      for (function, ending) in [("exit", "exit code 3"), ("die", "signal 9")] {
        test.start(function, function)
        let result = try #require(await test.results(1)[function])
        #expect(result.state == .failed)
        #expect(result.message.contains("the executor died: \(ending); see how it ended: kubectl logs p -c app"))
      }
      test.start("sound", "echo", [7])
      let sound = try #require(await test.results(1)["sound"])
      #expect(sound.outputs.first?.bytes == [7])
    }
  }
}
