import Dataflow
import ExecutorPod
import Foundation
import Logging
import SharedMemory
import Testing
import Wire

@testable import PheromoneFunctions
@testable import Sidecar

/// A sidecar's loop on a thread of its own, without a coordinator but this, and the folder that its socket is in.
final class LoopUnderTest: Sendable {
  let folder: URL
  let loop: SidecarLoop
  private let outbox: LinkOutbox
  private let signals: AsyncStream<Void>
  var path: String { folder.appending(path: "s").path }

  static let plan = WorkflowPlan(
    namespace: "n", workflow: "w", revision: "1", entry: "again",
    functions: [
      FunctionPlan(name: "again", calls: ["again"]), FunctionPlan(name: "fan"), FunctionPlan(name: "leaf"),
      FunctionPlan(name: "hop"), FunctionPlan(name: "join"), FunctionPlan(name: "block"), FunctionPlan(name: "large"),
    ],
    buckets: [
      BucketPlan(name: "hops", triggers: [TriggerPlan(name: "h", target: "hop", .immediate)]),
      BucketPlan(
        name: "leaves", triggers: [TriggerPlan(name: "j", target: "join", .dynamicJoin(announcedBy: ["fan"]))]),
    ], invocationLimit: 1_000_000)

  private init(_ plan: WorkflowPlan, sharedMemory: Int) throws {
    folder = URL(filePath: "/tmp/pheromone-loop-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    loop = try SidecarLoop(
      identity: PodIdentity(
        namespace: "n", workflow: "w", revision: "r", podName: "p", podUID: "u", sharedMemory: sharedMemory, epoch: 1),
      socketPath: folder.appending(path: "s").path, logger: logger)
    let (signals, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    self.signals = signals
    outbox = LinkOutbox { continuation.yield() }
    loop.post(.linkOpened(outbox))
    loop.post(.plan(plan))
  }

  /// Runs a loop for as long as `body` takes.
  static func with(
    _ plan: WorkflowPlan = LoopUnderTest.plan, sharedMemory: Int = 64 << 20,
    _ body: (LoopUnderTest) async throws -> Void
  ) async throws {
    let test = try LoopUnderTest(plan, sharedMemory: sharedMemory)
    defer { try? FileManager.default.removeItem(at: test.folder) }
    let loop = test.loop
    let thread = Thread {
      do {
        var runtime = PodRuntime(loop: loop)
        try runtime.run()
      } catch {
        Issue.record(error)
      }
    }
    thread.start()
    do {
      try await body(test)
      loop.post(.stop)
    } catch {
      loop.post(.stop)
      throw error
    }
  }

  /// Adds a worker of this process; it ends with the loop.
  func addWorker(slot: Int = 0, _ functions: [Function]) throws -> Task<Void, Never> {
    try addEndingWorker(slot: slot, functions).running
  }

  /// Adds a worker of this process, which can be drained before that.
  func addEndingWorker(
    slot: Int = 0, _ functions: [Function]
  ) throws -> (worker: Worker, running: Task<Void, Never>) {
    let configuration = try HostConfiguration(environment: [
      "PHEROMONE_SOCKET": path, "PHEROMONE_CONTAINER": "c", "PHEROMONE_SLOT": "\(slot)",
    ])
    let worker = Worker(configuration: configuration, functions: functions)
    let socket = try UnixSocket.connect(path: path)
    return (worker, Task { _ = await worker.serve(socket) })
  }

  func start(_ session: String, _ function: String, _ payload: [UInt8] = []) {
    loop.post(
      .frame(
        .start(.init(session: session, origin: .invoke(function: function), payload: payload, requestHash: ""))))
  }

  /// The results of the sessions that end next.
  func results(_ count: Int) async -> [String: SessionResult] {
    var results: [String: SessionResult] = [:]
    for await _ in signals {
      for case .ended(let result) in outbox.take() ?? [] { results[result.session] = result }
      if results.count >= count { break }
    }
    return results
  }

  /// What the pod's state answers.
  func state<Answer: Sendable>(_ question: @escaping @Sendable (PodCore) -> Answer) async throws -> Answer {
    // A test whose time is over asks no more.
    try Task.checkCancellation()
    return try #require(await loop.inspect(question))
  }
}
