import Dataflow
import ExecutorPod
import Foundation
import ObjectStore
import Testing
import Wire

@testable import PheromoneFunctions
@testable import Sidecar

/// A pod in which sound workers run sessions among hostile ones, and what has to hold then.
final class PodUnderAttack {
  /// `shared` and `stream` are hosted by whoever likes, all others by sound workers only. An ended session is forgotten at
  /// once, so that nothing is left of it.
  static let plan = WorkflowPlan(
    namespace: "n", workflow: "w", revision: "1", entry: "again",
    functions: [
      FunctionPlan(name: "again", calls: ["again"]), FunctionPlan(name: "fan"), FunctionPlan(name: "leaf"),
      FunctionPlan(name: "join"), FunctionPlan(name: "pass", calls: ["curious"]), FunctionPlan(name: "curious"),
      FunctionPlan(name: "shared", retry: RetryPlan(limit: 20, backoff: .milliseconds(1))),
      FunctionPlan(name: "stream", retry: RetryPlan(limit: 20, backoff: .milliseconds(1)), publish: .immediately),
    ],
    buckets: [
      BucketPlan(
        name: "leaves", triggers: [TriggerPlan(name: "j", target: "join", .dynamicJoin(announcedBy: ["fan"]))]),
      BucketPlan(name: "drops", triggers: [TriggerPlan(name: "i", target: "leaf", .immediate)]),
    ], invocationLimit: 1000, retention: .zero)

  static let functions: [Function] = [
    Function("again") { context in
      let left = try #require(UInt16(context.inputs.single.text))
      if left == 0 { try context.output("done") } else { try context.call("again", text: "\(left - 1)") }
    },
    Function("fan") { context in
      let count = try #require(Int(context.inputs.single.text))
      let keys = (0..<count).map { "\($0)" }
      for key in keys { try context.put(key, in: "leaves", text: "x") }
      try context.expect(keys, in: "leaves")
    },
    Function("join") { context in try context.output("\(context.inputs.count)") },
    Function("leaf") { _ in },
    Function("pass") { context in try context.call("curious", bytes: context.inputs.single) },
    Function("shared") { context in try context.output(context.inputs.single) },
    Function("stream") { context in try context.put("s", in: "drops", bytes: context.inputs.single) },
  ]

  let test: LoopUnderTest
  private let census: ProcessCensus
  private var started = 0
  private var open: Set<String> = []
  private var results: [String: SessionResult] = [:]
  private var sound: (worker: Worker, running: Task<Void, Never>)?

  init(_ test: LoopUnderTest) throws {
    self.test = test
    census = try ProcessCensus.now()
  }

  func addSoundWorker() throws { sound = try test.addEndingWorker(Self.functions) }

  /// Begins a session and answers its name.
  @discardableResult
  func start(_ function: String, _ payload: String) -> String {
    started += 1
    let name = "\(function)-\(started)"
    open.insert(name)
    test.start(name, function, Array(payload.utf8))
    return name
  }

  /// The text that a session put out; how it ended, if it did not end well. Waits for its end.
  func outcome(of session: String) async -> String {
    while results[session] == nil, !Task.isCancelled { results.merge(await test.results(1)) { $1 } }
    open.remove(session)
    guard let result = results[session] else { return "" }
    guard result.state == .succeeded else { return "\(result.state): \(result.message)" }
    return String(decoding: result.outputs.first?.bytes ?? [], as: UTF8.self)
  }

  /// Sessions of functions that only sound workers host go their way, whatever others do.
  func runSoundSessions() async -> [String] {
    let chain = start("again", "5")
    let fan = start("fan", "4")
    return [await outcome(of: chain), await outcome(of: fan)]
  }

  /// Waits for all sessions, ends the sound worker, and waits until nothing is left of what was. Answers what is, if
  /// that does not change any more.
  func settle() async throws -> String? {
    for session in open.sorted() { _ = await outcome(of: session) }
    sound?.worker.drain()
    await sound?.running.value
    sound = nil
    // Others close their ends on threads of their own, and the loop hears of it in its turn.
    let deadline = ContinuousClock.now + .seconds(20)
    while true {
      guard let rest = try await rest() else { return nil }
      if ContinuousClock.now > deadline { return rest }
    }
  }

  /// What a pod without executors and sessions does not have.
  private func rest() async throws -> String? {
    struct Figures: Sendable { var counts: [(String, Int)], segments: Int }
    let figures = try await test.state { core in
      Figures(
        counts: [
          ("executors", core.executors.count), ("connections of executors", core.executorOfConnection.count),
          ("supervisors", core.supervisors.count), ("bereaved", core.bereaved.count), ("attempts", core.attempts.count),
          ("sessions", core.sessions.count),
          ("memory requests", core.memoryRequests.count), ("objects", core.ledger.objectCount),
          // The sidecar keeps the arena that payloads go to.
          ("segments too many", max(0, core.ledger.segmentCount - 1)),
        ], segments: core.ledger.segmentCount)
    }
    var wrong = figures.counts.filter { $0.1 != 0 }.map { "\($0.1) \($0.0)" }
    let now = try ProcessCensus.now()
    let opened = now.opened(since: census)
    if opened.count != figures.segments {
      wrong.append("descriptors \(opened.sorted()) for \(figures.segments) segments")
    }
    if now.mappings > figures.segments { wrong.append("\(now.mappings) mappings for \(figures.segments) segments") }
    return wrong.isEmpty ? nil : wrong.joined(separator: ", ")
  }
}
