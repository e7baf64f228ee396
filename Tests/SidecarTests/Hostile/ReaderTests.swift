import Testing

@testable import Sidecar

/// What a worker may do to objects that it was only lent, as the kernel sees it.
@Suite(.timeLimit(.minutes(1))) struct ReaderTests {
  @Test(arguments: ["curious", "pass"])
  func `a reader in another process can change nothing`(function: String) async throws {
    try await LoopUnderTest.with(PodUnderAttack.plan) { test in
      let pod = try PodUnderAttack(test)
      try pod.addSoundWorker()
      let reader = try HostileProcess([test.path, "read"])
      // A payload lies in the sidecar's own memory, what is passed on in that of another worker.
      #expect(await pod.outcome(of: pod.start(function, "unchanged")) == "")
      reader.kill()
      let lines = reader.wait().output.split(separator: "\n")
      #expect(lines.count > 20)
      for line in lines { #expect(line.hasSuffix(": refused") || line == "bytes: unchanged") }
      #expect(await pod.runSoundSessions() == ["done", "4"])
    }
  }
}
