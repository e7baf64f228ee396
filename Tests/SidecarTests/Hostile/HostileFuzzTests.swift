import Foundation
import Glibc
import Testing

@testable import Sidecar

/// A fixed number of seeds; `hack/fuzz` plays more. In a process of its own, which nothing else opens descriptors in, and
/// which may crash.
@Suite(.timeLimit(.minutes(60))) struct HostileFuzzTests {
  @Test func `whatever processes do, the sidecar goes on, serves others, and keeps nothing of them`() async throws {
    let environment = ProcessInfo.processInfo.environment
    let first = environment["PHEROMONE_FUZZ_FIRST"].flatMap { UInt64($0) } ?? 0
    let count = environment["PHEROMONE_FUZZ_SEEDS"].flatMap { UInt64($0) } ?? 60
    let progress = FileManager.default.temporaryDirectory.appending(path: "pheromone-fuzz-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: progress) }
    await #expect(processExitsWith: .success) {
      [first = first as UInt64, count = count as UInt64, progress = progress as String] in
      for seed in first..<first + count {
        try Data("\(seed)".utf8).write(to: URL(filePath: progress))
        // Whatever hangs is ended by this signal.
        alarm(60)
        if let failure = try await HostileFuzz(seed: seed).play() {
          try Data("\(seed): \(failure)".utf8).write(to: URL(filePath: progress))
          exit(EXIT_FAILURE)
        }
      }
      try FileManager.default.removeItem(atPath: progress)
    }
    let left = try? String(contentsOfFile: progress, encoding: .utf8)
    #expect(left == nil, "the last seed was \(left ?? ""); play it again with: hack/fuzz --seeds 1 --first SEED")
  }
}
