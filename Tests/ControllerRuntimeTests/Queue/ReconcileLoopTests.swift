import KubernetesAPI
import Logging
import Synchronization
import Testing

@testable import ControllerRuntime

@Suite(.timeLimit(.minutes(1))) struct ReconcileLoopTests {
  private struct Broken: Error {}

  @Test func failuresComeBackAndTerminalErrorsDoNot() async throws {
    let queue = WorkQueue<ObjectKey>(backoff: Backoff(first: .milliseconds(1), limit: .milliseconds(5), spread: 0))
    let calls = Mutex<[String: Int]>([:])
    let loop = ReconcileLoop(name: "test", queue: queue, workers: 2, logger: Logger(label: "test")) { key in
      let count = calls.withLock { calls in
        calls[key.name, default: 0] += 1
        return calls[key.name] ?? 0
      }
      switch key.name {
      case "terminal": return .failed(TerminalError("no"))
      case "flaky" where count < 3: return .failed(Broken())
      case "flaky" where count == 3: return .requeue(after: .milliseconds(1))
      case "flaky":
        queue.add(ObjectKey(namespace: "n", name: "last"))
        return .done
      default:
        queue.shutDown()
        return .done
      }
    }
    queue.add(ObjectKey(namespace: "n", name: "terminal"))
    queue.add(ObjectKey(namespace: "n", name: "flaky"))
    try await loop.run()
    #expect(calls.withLock { $0 } == ["terminal": 1, "flaky": 4, "last": 1])
  }
}
