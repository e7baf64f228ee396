import Foundation
import Glibc
import Synchronization
import Testing

@testable import NodeAgent

@Suite struct ProcessTableTests {
  /// A folder that is removed at the end.
  private func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = NSTemporaryDirectory() + "pheromone-node-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder)
  }

  private func shell(_ script: String, in folder: String = "/") -> ProcessSpecification {
    ProcessSpecification(
      executable: "sh", arguments: ["-c", script], environment: ["PATH": "/usr/bin:/bin", "V": "value"],
      workingDirectory: folder)
  }

  private final class Output: Sendable {
    let bytes = Mutex<[UInt8]>([])
    var text: String { String(decoding: bytes.withLock { $0 }, as: UTF8.self) }
  }

  /// Runs to the end and returns output and exit.
  private func run(_ table: ProcessTable, _ specification: ProcessSpecification) async throws -> (String, ProcessExit) {
    let output = Output()
    let exit = try await withCheckedThrowingContinuation { (done: CheckedContinuation<ProcessExit, any Error>) in
      do {
        _ = try table.start(
          specification, output: .receiver { chunk in output.bytes.withLock { $0 += chunk ?? [] } },
          ended: { done.resume(returning: $0) })
      } catch {
        done.resume(throwing: error)
      }
    }
    return (output.text, exit)
  }

  @Test func aProcessHasItsEnvironmentItsFolderAndNoOtherDescriptors() async throws {
    try await withFolder { folder in
      // Without O_CLOEXEC on purpose.
      let leak = unsafe open("/dev/null", O_RDONLY)
      defer { close(leak) }
      let (text, exit) = try await run(
        ProcessTable(), shell("echo $V; pwd; ls /proc/$$/fd; exit 7", in: folder))
      #expect(exit == .exited(code: 7))
      let lines = text.split(separator: "\n").map(String.init)
      #expect(lines.first == "value")
      #expect(lines.dropFirst().first == folder)
      // Not counted through a pipe, which the shell has open itself for a moment.
      #expect(lines.dropFirst(2) == ["0", "1", "2"])
    }
  }

  @Test func aDescendantDoesNotOutliveTheProcessNorHoldUpItsEnd() async throws {
    let (text, exit) = try await run(ProcessTable(), shell("sleep 1000 & echo $!"))
    #expect(exit == .exited(code: 0))
    let pid = try #require(Int32(text.trimmingCharacters(in: .newlines)))
    #expect(ProcessIdentity(runningAs: pid) == nil)
  }

  @Test func aSignalIsReported() async throws {
    let table = ProcessTable()
    let (_, exit) = try await run(table, shell("kill -9 $$"))
    #expect(exit == .signalled(signal: 9))
    #expect(exit.code == 137)
    #expect(table.running.isEmpty)
  }

  @Test func whatCannotBeStartedSaysWhy() {
    let table = ProcessTable()
    for name in ["/no/such", "no-such-program", "/etc/passwd"] {
      let error = #expect(throws: ProcessError.self) {
        try table.start(
          ProcessSpecification(executable: name, environment: [:], workingDirectory: "/"),
          output: .receiver { _ in }, ended: { _ in })
      }
      #expect(error?.message.contains(name) == true)
    }
  }

  @Test func theEndOfAProcessIsAwaitedAsLongAsThereIsTime() async throws {
    let (ends, end) = AsyncStream.makeStream(of: ProcessExit.self)
    let process = try ProcessTable().start(shell("sleep 1000"), output: .receiver { _ in }) { end.yield($0) }
    let watch = try #require(ProcessWatch(pid: process.pid))
    #expect(!watch.awaitEnd(until: .now))
    process.signalGroup(SIGKILL)
    #expect(watch.awaitEnd(until: .now + .seconds(60)))
    #expect(!process.isRunning)
    for await _ in ends { break }
    #expect(ProcessWatch(pid: process.pid) == nil)
  }

  @Test func aLaterRunEndsWhatAnEarlierOneLeftBehindAndNothingElse() async throws {
    try await withFolder { folder in
      let ledger = try ProcessLedger(folder: folder + "/ledger")
      let table = ProcessTable(ledger: ledger)
      let (ends, end) = AsyncStream.makeStream(of: ProcessExit.self)
      // So many that they cannot all end at once.
      let (words, word) = AsyncStream.makeStream(of: Void.self)
      let many = shell("for i in $(seq 200); do sleep 1000 & done; echo up; wait")
      let left = try table.start(many, output: .receiver { _ in word.yield() }) { end.yield($0) }
      for await _ in words { break }
      let (otherEnds, otherEnd) = AsyncStream.makeStream(of: ProcessExit.self)
      let spared = try ProcessTable().start(shell("sleep 1000"), output: .file(path: folder + "/log")) {
        otherEnd.yield($0)
      }
      // A number that another process has taken since: the start time tells them apart.
      try ledger.add(ProcessIdentity(pid: spared.pid, startTime: 1))
      #expect(Set(ledger.entries.map(\.pid)) == [left.pid, spared.pid])

      let found = try ProcessLedger(folder: folder + "/ledger").endLeftovers()
      #expect(found == [left])
      #expect(!left.hasLiveGroup, "it waits for the end, so that ports are free")
      for await exit in ends {
        #expect(exit == .signalled(signal: 9))
        break
      }
      #expect(spared.isRunning)
      #expect(ledger.entries.isEmpty)
      spared.signalGroup(SIGKILL)
      for await _ in otherEnds { break }
    }
  }
}
