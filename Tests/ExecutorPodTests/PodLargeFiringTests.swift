import Dataflow
import ObjectStore
import Testing
import Wire

@testable import ExecutorPod

@Suite("Pod core: firings with very many inputs")
struct PodLargeFiringTests {
  private static let plan = WorkflowPlan(
    namespace: "n", workflow: "w", revision: "1", entry: "a",
    functions: [FunctionPlan(name: "a", outputs: ["x"]), FunctionPlan(name: "b", outputs: [])],
    buckets: [
      BucketPlan(
        name: "x",
        triggers: [TriggerPlan(name: "all", target: "b", .byBatchSize(.init(count: 1_000_000, scope: .session)))])
    ])

  /// Empty objects under keys of 1 KiB.
  private static func transaction(_ count: Int) -> Transaction {
    let padding = String(repeating: "k", count: 1019)
    return Transaction(
      puts: (0..<count).map { number in
        let key = "\(10_000 + number)\(padding)"
        return .init(bucket: "x", key: Label(key), location: ObjectLocation(segment: 0, offset: 0, length: 0))
      })
  }

  @Test("One that no frame can hold fails for good, without costing an executor, and says what to do")
  func tooLarge() throws {
    var bench = PodBench(Self.plan)
    let worker = bench.join(functions: ["a", "b"])
    bench.start("s", function: "a")
    bench.finish(worker, Self.transaction(16_000))
    let result = try #require(bench.delivery("s"))
    #expect(result.state == .failed)
    #expect(result.message.contains("failed in its only attempt"))
    #expect(result.message.contains("a firing of x/all has 16000 inputs"))
    #expect(result.message.contains("let the trigger take fewer objects at once"))
    #expect(bench.workers[worker]?.invoke == nil)
    #expect(bench.closed == [:])
    #expect(bench.core.attempts.isEmpty)
    #expect(bench.core.ledger.objectCount == 0)
    // The executor is free for the next session.
    bench.start("t", function: "a")
    #expect(bench.workers[worker]?.invoke?.session == "t")
    bench.finishAll()
    #expect(bench.delivery("t")?.state == .succeeded)
    #expect(bench.violations == [])
  }

  @Test("One that a frame just holds is sent")
  func justFits() throws {
    var bench = PodBench(Self.plan)
    let worker = bench.join(functions: ["a", "b"])
    bench.start("s", function: "a")
    bench.finish(worker, Self.transaction(15_600))
    let invoke = try #require(bench.workers[worker]?.invoke)
    #expect(invoke.inputs.count == 15_600)
    let size = SidecarFrame.invoke(invoke).encoded().count - 4
    #expect(size <= SidecarFrame.sizeLimit)
    #expect(size > SidecarFrame.sizeLimit / 100 * 98)
    bench.finishAll()
    #expect(bench.delivery("s")?.state == .succeeded)
    #expect(bench.violations == [])
  }
}
