import Dispatch
import Foundation
import Testing

@testable import SharedMemory

/// Nothing is lost and nobody sleeps for ever. A lost wake-up shows as a hang, which the time limit ends.
@Suite(.timeLimit(.minutes(2))) struct RingStressTests {
  /// One direction, in a ring that is always nearly full or nearly empty, so that both sides sleep all the time. With
  /// shared mappings ThreadSanitizer sees both sides at the same addresses.
  @Test(arguments: 1...4, [true, false])
  func twoThreads(seed: UInt64, isSharingMappings: Bool) throws {
    let count = 4000
    let pair = try RingPair(isSharingMappings: isSharingMappings)
    let isDone = DispatchSemaphore(value: 0)
    var left = pair.left
    // The other thread takes the right ends, and this one waits for it before it returns.
    nonisolated(unsafe) var right: RingEnds? = pair.right
    DispatchQueue(label: "writer").async {
      defer { isDone.signal() }
      guard var ends = unsafe right.take() else { return }
      do { try Self.write(count, seed, &ends) } catch { Issue.record(error) }
    }
    var generator = SeededGenerator(seed: seed)
    var choices = SeededGenerator(seed: seed + 100)
    var received = 0
    while received < count {
      _ = try left.reader.wait(spinning: choices.permission())
      let limit = Int.random(in: 1...40, using: &choices)
      for frame in try left.reader.frames(atMost: limit) {
        try #require(frame == generator.frame(received))
        received += 1
      }
    }
    isDone.wait()
  }

  private static func write(_ count: Int, _ seed: UInt64, _ ends: inout RingEnds) throws {
    var generator = SeededGenerator(seed: seed)
    var choices = SeededGenerator(seed: seed + 200)
    for number in 0..<count {
      let frame = generator.frame(number)
      while try !ends.writer.tryWrite(frame) { _ = try ends.writer.waitForRoom(spinning: choices.permission()) }
      if Bool.random(using: &choices) { ends.writer.publish() }
    }
    ends.writer.publish()
  }

  /// Frames one by one to a reader that sleeps whenever it has read what was there, as fast as both can: whoever
  /// spends a wake-up wrongly hangs here.
  @Test func aReaderThatAlwaysSleeps() throws {
    let count = 200_000
    let pair = try RingPair()
    var left = pair.left
    let isDone = DispatchSemaphore(value: 0)
    // The other thread takes the right ends, and this one waits for it before it returns.
    nonisolated(unsafe) var right: RingEnds? = pair.right
    DispatchQueue(label: "writer").async {
      defer { isDone.signal() }
      guard var ends = unsafe right.take() else { return }
      do {
        for _ in 0..<count {
          while try !ends.writer.tryWrite([1]) { _ = try ends.writer.waitForRoom(spinning: .denied) }
          ends.writer.publish()
        }
      } catch { Issue.record(error) }
    }
    var received = 0
    while received < count {
      _ = try left.reader.wait(spinning: .denied)
      received += try left.reader.read { _ in }
    }
    isDone.wait()
  }

  /// The benchmark's program echoes frames between two processes, with futexes and doorbells at random.
  @Test(arguments: 1...3) func twoProcesses(seed: Int) throws {
    let folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    let process = Process()
    process.executableURL = folder.appending(path: "ring-benchmark")
    process.arguments = ["stress", "5000", "\(seed)"]
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }
}

extension SeededGenerator {
  fileprivate mutating func permission() -> SpinPermission {
    Int.random(in: 0..<4, using: &self) == 0 ? .granted : .denied
  }

  /// The frame of a number: short or long, by chance, with content that depends on both.
  fileprivate mutating func frame(_ number: Int) -> [UInt8] {
    let length = Int.random(in: 0...(Bool.random(using: &self) ? 64 : 2000), using: &self)
    return [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: length)
  }
}
