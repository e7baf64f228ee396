import Foundation
import Glibc
import Testing
import hostile_worker

@testable import Sidecar

/// Worker processes that are killed at each step of the protocol: their work is done by others, and nothing is left of them.
@Suite(.timeLimit(.minutes(5))) struct KilledWorkerTests {
  @Test(arguments: ["rings", "socket"])
  func `whenever a worker dies, its work is done and its memory is free again`(transport: String) async throws {
    let report = FileManager.default.temporaryDirectory.appending(path: "pheromone-killed-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: report) }
    await #expect(processExitsWith: .success) { [transport = transport as String, report = report as String] in
      for point in KillPoint.allCases {
        for round in point.rounds {
          alarm(60)
          try Data("\(point) in round \(round)".utf8).write(to: URL(filePath: report))
          if let failure = try await Self.kill(at: point, round, transport) {
            try Data("\(point) in round \(round): \(failure)".utf8).write(to: URL(filePath: report))
            exit(EXIT_FAILURE)
          }
        }
      }
      try FileManager.default.removeItem(atPath: report)
    }
    let left = try? String(contentsOfFile: report, encoding: .utf8)
    #expect(left == nil, "killed at \(left ?? "")")
  }

  private static func kill(at point: KillPoint, _ round: Int, _ transport: String) async throws -> String? {
    var failure: String?
    try await LoopUnderTest.with(PodUnderAttack.plan) { test in
      let pod = try PodUnderAttack(test)
      let worker = try HostileProcess([test.path, "die", point.rawValue, "\(round)", transport])
      // Nobody else is there to run them.
      var outcomes: [String] = []
      var sessions: [String] = []
      for current in 0...round {
        sessions.append(pod.start("shared", "\u{1}\u{2}\u{3}"))
        if current < round { outcomes.append(await pod.outcome(of: sessions[current])) }
      }
      let (status, output) = worker.wait()
      try pod.addSoundWorker()
      outcomes.append(await pod.outcome(of: sessions[round]))
      if status != SIGKILL { failure = "the worker ended with \(status), \(output)" }
      if outcomes != Array(repeating: "\u{1}\u{2}\u{3}", count: round + 1) { failure = "outcomes \(outcomes)" }
      if failure == nil { failure = try await pod.settle() }
    }
    return failure
  }
}
